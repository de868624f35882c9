//! What a pack file is, read from its bytes without running any of it: an ELF library for this machine with one entry, one
//! manifest, and nothing that a pack has no business with.

use std::ops::Range;

use metric_abi::{ENTRY, MANIFEST_SECTION, Pack};
use object::NativeEndian;
use object::elf::{self, Dyn64, FileHeader64, ProgramHeader64};
use object::read::StringTable;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, SectionHeader, SectionTable, Sym};

use crate::outcome::{Failed, Warning, failed};

type Header = FileHeader64<NativeEndian>;
type Segments<'a> = &'a [ProgramHeader64<NativeEndian>];

const REBUILD: &str = "build the pack as a cdylib for this machine";
const COPY_AGAIN: &str = "the file is damaged or incomplete: copy or build it again";

#[cfg(target_arch = "x86_64")]
const MACHINE: (u16, &str) = (elf::EM_X86_64.0, "x86-64");
#[cfg(target_arch = "aarch64")]
const MACHINE: (u16, &str) = (elf::EM_AARCH64.0, "aarch64");

/// Libraries that a pack may link to; any other would have to be trusted too, and found at load.
const NEEDED: [&str; 7] = ["libc.so", "libm.so", "libgcc_s.so", "ld-linux", "libpthread.so", "libdl.so", "librt.so"];

/// What the later steps need to know of the file.
#[derive(Debug)]
pub(crate) struct Image {
    pub segments: Vec<Segment>,
    /// The manifest's section, as a range of the file.
    pub manifest: Range<usize>,
    /// `glibc` version that the file asks for, where it asks for one.
    pub glibc: Option<(u32, u32)>,
    pub warnings: Vec<Warning>,
}

/// A part of the file as it will lie in memory, relative to where the library is loaded.
#[derive(Debug)]
pub(crate) struct Segment {
    pub addresses: Range<u64>,
    pub readable: bool,
    pub executable: bool,
}

/// Checks the file's form. The first failure ends it.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Image, Failed> {
    let header = header(bytes)?;
    let endian = NativeEndian;
    let segments = header.program_headers(endian, bytes).map_err(truncated)?;
    check_segments(segments, bytes.len())?;
    let mut warnings = Vec::new();
    check_dynamic(segments, bytes, &mut warnings)?;
    let sections = header.sections(endian, bytes).map_err(truncated)?;
    let glibc = glibc(&sections, bytes)?;
    check_exports(&sections, bytes, &mut warnings)?;
    let manifest = manifest_section(&sections, bytes)?;
    let segments = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_LOAD).map(segment).collect();
    Ok(Image { segments, manifest, glibc, warnings })
}

fn truncated(error: impl std::fmt::Display) -> Failed {
    failed("E_ELF_TRUNCATED", "an ELF file whose parts all lie inside it", error, COPY_AGAIN)
}

fn header(bytes: &[u8]) -> Result<&Header, Failed> {
    if bytes.len() >= 4 && bytes[..4] != elf::ELFMAG {
        return Err(failed(
            "E_NOT_ELF",
            "a shared library (ELF)",
            format!("a file that begins with {:?}", String::from_utf8_lossy(&bytes[..4])),
            "a pack is built with `cargo build`; remove this file from the folder",
        ));
    }
    if bytes.len() < size_of::<Header>() {
        return Err(truncated(format!("{} bytes, less than the header of such a file", bytes.len())));
    }
    if bytes[4] != 2 {
        return Err(failed("E_ELF_CLASS", "a 64-bit library", format!("class {}", bytes[4]), REBUILD));
    }
    let native = if cfg!(target_endian = "little") { 1 } else { 2 };
    if bytes[5] != native {
        return Err(failed("E_ELF_ENDIAN", format!("byte order {native}"), format!("byte order {}", bytes[5]), REBUILD));
    }
    let header = Header::parse(bytes).map_err(truncated)?;
    let (file_type, machine) = (header.e_type(NativeEndian), header.e_machine(NativeEndian));
    if file_type != elf::ET_DYN {
        return Err(failed("E_ELF_TYPE", "a shared library", format!("ELF type {}", file_type.0), REBUILD));
    }
    if machine.0 != MACHINE.0 {
        return Err(failed("E_ELF_ARCH", format!("machine {} ({})", MACHINE.0, MACHINE.1), format!("machine {}", machine.0), REBUILD));
    }
    Ok(header)
}

fn check_segments(segments: Segments<'_>, length: usize) -> Result<(), Failed> {
    let (endian, mut stack) = (NativeEndian, None);
    for segment in segments {
        let (offset, size) = segment.file_range(endian);
        if offset.checked_add(size).is_none_or(|end| end > length as u64) {
            return Err(truncated(format!("a segment of range {offset}+{size} outside the file's {length} bytes")));
        }
        let flags = segment.p_flags(endian);
        let (writable, executable) = (flags.contains(elf::PF_W), flags.contains(elf::PF_X));
        match segment.p_type(endian) {
            elf::PT_LOAD if writable && executable => {
                return Err(failed(
                    "E_ELF_WX",
                    "no memory that is both written and run",
                    "a segment that is writable and executable",
                    "link without `-z wxneeded`, `-N` or writable code sections",
                ));
            }
            elf::PT_INTERP => return Err(failed("E_ELF_TYPE", "a shared library", "an executable program", REBUILD)),
            elf::PT_GNU_STACK => stack = Some(executable),
            _ => {}
        }
    }
    match stack {
        Some(false) => Ok(()),
        _ => Err(failed(
            "E_ELF_EXECSTACK",
            "a stack that is not executable",
            "a library that asks for an executable stack",
            "link with `-z noexecstack`",
        )),
    }
}

fn segment(segment: &ProgramHeader64<NativeEndian>) -> Segment {
    let (start, flags) = (segment.p_vaddr(NativeEndian), segment.p_flags(NativeEndian));
    let addresses = start..start.saturating_add(segment.p_memsz(NativeEndian));
    Segment { addresses, readable: flags.contains(elf::PF_R), executable: flags.contains(elf::PF_X) }
}

/// The entries that the dynamic loader acts on.
fn check_dynamic(segments: Segments<'_>, bytes: &[u8], warnings: &mut Vec<Warning>) -> Result<(), Failed> {
    let endian = NativeEndian;
    let dynamic = segments.iter().find_map(|segment| segment.dynamic(endian, bytes).transpose());
    let entries = dynamic.ok_or_else(|| no_entry("no table of symbols at all"))?.map_err(truncated)?;
    let entries = entries.split(|entry| entry.tag(endian) == elf::DT_NULL).next().unwrap_or_default();
    let value = |tag: elf::DynamicTag| entries.iter().find(|entry| entry.tag(endian) == tag).map(|entry| entry.val(endian));
    let flags = value(elf::DT_FLAGS).unwrap_or(0);
    if value(elf::DT_TEXTREL).is_some() || flags & elf::DF_TEXTREL.0 != 0 {
        return Err(failed("E_ELF_TEXTREL", "position-independent code", "relocations in the code", "compile with `-fPIC`"));
    }
    if flags & elf::DF_STATIC_TLS.0 != 0 {
        warnings.push((
            "W_STATIC_TLS",
            "the pack uses static thread-local storage, of which a process has little: build it without a global allocator".into(),
        ));
    }
    let names = names(segments, bytes, value(elf::DT_STRTAB), value(elf::DT_STRSZ));
    entries.iter().try_for_each(|entry| check_entry(entry, &names))
}

fn names<'a>(segments: Segments<'_>, bytes: &'a [u8], address: Option<u64>, size: Option<u64>) -> StringTable<'a> {
    let table = address.zip(size).and_then(|(address, size)| {
        segments.iter().find_map(|segment| segment.data_range(NativeEndian, bytes, address, size).ok().flatten())
    });
    table.map_or_else(StringTable::default, |table| StringTable::new(table, 0, table.len() as u64))
}

fn check_entry(entry: &Dyn64<NativeEndian>, names: &StringTable<'_>) -> Result<(), Failed> {
    let name = || {
        let name = u32::try_from(entry.val(NativeEndian)).ok().and_then(|offset| names.get(offset).ok());
        name.map(|name| String::from_utf8_lossy(name).into_owned()).ok_or_else(|| truncated("a name outside the table of names"))
    };
    match entry.tag(NativeEndian) {
        elf::DT_RPATH | elf::DT_RUNPATH => {
            Err(failed("E_ELF_RPATH", "no search path of its own", format!("`{}`", name()?), "link without `-rpath`"))
        }
        elf::DT_NEEDED => {
            let needed = name()?;
            let allowed = NEEDED.iter().any(|allowed| needed.starts_with(allowed));
            if allowed {
                Ok(())
            } else {
                Err(failed(
                    "E_ELF_NEEDED",
                    format!("only {}", NEEDED.join(", ")),
                    format!("`{needed}`"),
                    "link it statically, or do without it",
                ))
            }
        }
        _ => Ok(()),
    }
}

/// The highest version of glibc that any symbol asks for.
fn glibc(sections: &SectionTable<'_, Header>, bytes: &[u8]) -> Result<Option<(u32, u32)>, Failed> {
    let endian = NativeEndian;
    let Some((mut libraries, link)) = sections.gnu_verneed(endian, bytes).map_err(truncated)? else { return Ok(None) };
    let names = sections.strings(endian, bytes, link).map_err(truncated)?;
    let mut highest = None;
    while let Some((_, mut versions)) = libraries.next().map_err(truncated)? {
        while let Some(version) = versions.next().map_err(truncated)? {
            let name = String::from_utf8_lossy(version.name(endian, names).map_err(truncated)?).into_owned();
            highest = highest.max(name.strip_prefix("GLIBC_").and_then(parse_version));
        }
    }
    Ok(highest)
}

/// `2.36` or `2.36.1` as two numbers.
pub(crate) fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn no_entry(found: impl std::fmt::Display) -> Failed {
    failed("E_NO_ENTRY", format!("the data symbol `{ENTRY}`"), found, "export the pack with `metric_pack!`, or with `CP_PACK` in C")
}

fn check_exports(sections: &SectionTable<'_, Header>, bytes: &[u8], warnings: &mut Vec<Warning>) -> Result<(), Failed> {
    let endian = NativeEndian;
    let symbols = sections.symbols(endian, bytes, elf::SHT_DYNSYM).map_err(truncated)?;
    let (mut entry, mut others) = (None, Vec::new());
    for symbol in symbols.iter().filter(|symbol| !symbol.is_undefined(endian) && symbol.st_bind() != elf::STB_LOCAL) {
        let name = String::from_utf8_lossy(symbol.name(endian, symbols.strings()).map_err(truncated)?).into_owned();
        if name == ENTRY { entry = Some((symbol.st_type(), symbol.st_size(endian))) } else { others.push(name) }
    }
    match entry {
        Some((elf::STT_OBJECT, size)) if size >= size_of::<Pack>() as u64 => {}
        Some((kind, size)) => {
            return Err(no_entry(format!("`{ENTRY}` of type {} and {size} bytes, where a descriptor has {}", kind.0, size_of::<Pack>())));
        }
        None => return Err(other_major(&others)),
    }
    if !others.is_empty() {
        others.truncate(5);
        warnings.push(("W_EXPORTS", format!("the pack exports more than `{ENTRY}`: {}", others.join(", "))));
    }
    Ok(())
}

fn other_major(exports: &[String]) -> Failed {
    match exports.iter().find(|name| name.strip_prefix("cp_pack_v").is_some_and(|major| major.parse::<u32>().is_ok())) {
        Some(name) => failed(
            "E_ABI_MAJOR",
            format!("`{ENTRY}`"),
            format!("`{name}` only"),
            "build the pack with an SDK of version 1 of the border, or run a newer Counterpoise",
        ),
        None => no_entry("no such symbol"),
    }
}

fn manifest_section(sections: &SectionTable<'_, Header>, bytes: &[u8]) -> Result<Range<usize>, Failed> {
    let endian = NativeEndian;
    let is_manifest = |section: &&elf::SectionHeader64<NativeEndian>| {
        sections.section_name(endian, *section).is_ok_and(|name| name == MANIFEST_SECTION.as_bytes())
    };
    let found: Vec<_> = sections.iter().filter(is_manifest).collect();
    let [section] = found[..] else {
        return Err(failed(
            "E_NO_MANIFEST",
            format!("one section `{MANIFEST_SECTION}`"),
            found.len(),
            "export the pack with `metric_pack!`, or with `CP_MANIFEST` in C, and strip symbols only, not sections",
        ));
    };
    let (offset, size) = section.file_range(endian).ok_or_else(|| truncated(format!("a section `{MANIFEST_SECTION}` without bytes")))?;
    let end = offset.checked_add(size).filter(|end| *end <= bytes.len() as u64);
    let end = end.ok_or_else(|| {
        truncated(format!("a section `{MANIFEST_SECTION}` of range {offset}+{size} outside the file's {} bytes", bytes.len()))
    })?;
    Ok(offset as usize..end as usize)
}
