//! From a `[file.NAME]` as it is written to how the file is read.

use chrono_tz::Tz;
use encoding_rs::Encoding;
use toml::Spanned;

use super::{Faults, formats, unknown_zone};
use crate::date::Format;
use crate::marks::Marks;
use crate::profile::spec::{self, File};
use crate::profile::{FilePlan, Layout};

impl Faults<'_> {
    pub fn file(&mut self, name: &str, file: &Spanned<File>, zone: Option<Tz>) -> Option<FilePlan> {
        let at = file.span().start;
        let before = self.list.len();
        let mut complain = |message: String| self.add(at, format!("[file.{name}]: {message}"));
        let file = file.get_ref();
        fault_of_marks(file).unwrap_or_else(&mut complain);
        fault_of_path(file).unwrap_or_else(&mut complain);
        let plan = FilePlan {
            path: file.path.clone(),
            layout: layout(file).map_err(&mut complain).unwrap_or(Layout::Blanks),
            header: file.header,
            columns: file.columns.clone(),
            encoding: encoding(file).map_err(&mut complain).unwrap_or(encoding_rs::UTF_8),
            trim: file.trim,
            null: file.null.clone(),
            formats: formats(&file.date.0).map_err(&mut complain).unwrap_or_else(|()| Vec::<Format>::new()),
            zone: zone_of(file, zone).map_err(&mut complain).unwrap_or(Tz::UTC),
            marks: Marks { decimal: file.decimal_mark.clone(), thousands: file.thousands_mark.clone() },
        };
        (self.list.len() == before).then_some(plan)
    }
}

fn fault_of_marks(file: &File) -> Result<(), String> {
    if file.decimal_mark.is_empty() || file.decimal_mark == file.thousands_mark {
        return Err("decimal_mark must be given and differ from thousands_mark".into());
    }
    Ok(())
}

fn fault_of_path(file: &File) -> Result<(), String> {
    if file.path.starts_with('/') || file.path.split(['/', '\\']).any(|part| part == "..") {
        return Err(format!("path is `{}`, but should lie in the folder that is imported", file.path));
    }
    Ok(())
}

fn layout(file: &File) -> Result<Layout, String> {
    if file.format == spec::Format::Blanks {
        return Ok(Layout::Blanks);
    }
    let separator =
        one_byte(&file.separator).ok_or_else(|| format!("separator is `{}`, but should be one ASCII character", file.separator))?;
    let quote = one_byte(&file.quote);
    if quote.is_none() && !file.quote.is_empty() {
        return Err(format!("quote is `{}`, but should be one ASCII character, or empty for none", file.quote));
    }
    Ok(Layout::Csv { separator, quote })
}

fn encoding(file: &File) -> Result<&'static Encoding, String> {
    Encoding::for_label(file.encoding.as_bytes()).ok_or_else(|| {
        format!("no encoding is called `{}`; utf-8, latin1, windows-1252, utf-16le and utf-16be are some that are", file.encoding)
    })
}

fn zone_of(file: &File, organisation: Option<Tz>) -> Result<Tz, String> {
    match &file.time_zone {
        Some(name) => name.parse().map_err(|_| unknown_zone(name)),
        None => Ok(organisation.unwrap_or(Tz::UTC)),
    }
}

fn one_byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}
