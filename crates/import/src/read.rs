//! Reads the rows of one file, whatever its packing, encoding and layout, one at a time.
//!
//! What a file may be wrong about is sorted here: a row that does not fit can be left out and reading goes on (`Fault::Row`);
//! a file that breaks off or can't be decoded can't (`Fault::Damaged`).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::StringRecord;
use encoding_rs::UTF_8;
use flate2::read::MultiGzDecoder;

use crate::decode::Decoded;
use crate::profile::{FilePlan, Layout};

pub(crate) enum Fault {
    Row { line: u64, reason: String },
    Damaged { line: u64, reason: String },
}

pub(crate) struct Reader {
    records: Records,
    width: Option<usize>,
    /// The first row of a file without header, read to learn its width.
    first: Option<(u64, StringRecord)>,
    pub header: Vec<String>,
    pub bytes: Arc<AtomicU64>,
}

enum Records {
    Csv(Box<csv::Reader<Box<dyn Read + Send>>>),
    Blanks { lines: Box<dyn BufRead + Send>, line: u64, text: Vec<u8> },
    Inline { rows: std::vec::IntoIter<StringRecord>, line: u64 },
}

impl Reader {
    /// Opens the file and reads as far as its header.
    pub fn open(path: &Path, plan: &FilePlan) -> Result<Reader, OpenFault> {
        let bytes = Arc::new(AtomicU64::new(0));
        let text = open_text(path, plan, bytes.clone()).map_err(OpenFault::Io)?;
        let records = match plan.layout {
            Layout::Csv { separator, quote } => Records::Csv(Box::new(csv_reader(separator, quote).from_reader(text))),
            Layout::Blanks => Records::Blanks { lines: Box::new(BufReader::new(text)), line: 0, text: Vec::new() },
        };
        let mut reader = Reader { records, width: None, first: None, header: plan.columns.clone(), bytes };
        reader.begin(plan)?;
        Ok(reader)
    }

    /// Rows that stand in the mapping itself.
    pub fn inline(columns: &[String], rows: Vec<StringRecord>) -> Reader {
        let records = Records::Inline { rows: rows.into_iter(), line: 0 };
        Reader { records, width: Some(columns.len()), first: None, header: columns.to_vec(), bytes: Arc::default() }
    }

    fn begin(&mut self, plan: &FilePlan) -> Result<(), OpenFault> {
        let mut record = StringRecord::new();
        let line = self.read(&mut record)?;
        self.width = Some(record.len());
        match line {
            None if plan.header => {
                return Err(OpenFault::Layout("the file is empty, but should begin with the names of its columns".into()));
            }
            None => self.width = None,
            Some(_) if plan.header => {
                let names = record.iter().map(|name| name.trim().to_owned()).collect();
                let named = std::mem::replace(&mut self.header, names);
                self.rename(named)?;
            }
            Some(line) => {
                self.rename(plan.columns.clone())?;
                self.first = Some((line, record));
            }
        }
        Ok(())
    }

    /// Names given in the mapping stand instead of those of the header.
    fn rename(&mut self, named: Vec<String>) -> Result<(), OpenFault> {
        let width = self.width.unwrap_or(0);
        match named.len() {
            0 => self.header.resize(width, String::new()),
            given if given == width => self.header = named,
            given => {
                let reason = format!("the mapping names {given} columns, but the file has {width}");
                return Err(OpenFault::Layout(reason));
            }
        }
        Ok(())
    }

    /// Fills `record` with the next row and tells the line it starts on; nothing at the end of the file.
    pub fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>, Fault> {
        if let Some((line, first)) = self.first.take() {
            *record = first;
            return Ok(Some(line));
        }
        let Some(line) = self.read(record)? else { return Ok(None) };
        match self.width {
            Some(width) if width != record.len() => {
                Err(Fault::Row { line, reason: format!("the row has {} columns, but the file has {width}", record.len()) })
            }
            _ => Ok(Some(line)),
        }
    }

    fn read(&mut self, record: &mut StringRecord) -> Result<Option<u64>, Fault> {
        match &mut self.records {
            Records::Csv(reader) => {
                let found = reader.read_record(record).map_err(|error| csv_fault(reader.position().line(), error))?;
                Ok(found.then(|| record.position().map_or(0, |position| position.line())))
            }
            Records::Blanks { lines, line, text } => read_blanks(lines, line, text, record),
            Records::Inline { rows, line } => Ok(rows.next().map(|row| {
                *record = row;
                *line += 1;
                *line
            })),
        }
    }
}

pub(crate) enum OpenFault {
    Io(io::Error),
    Layout(String),
    Damaged { line: u64, reason: String },
}

impl From<Fault> for OpenFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Row { line, reason } | Fault::Damaged { line, reason } => OpenFault::Damaged { line, reason },
        }
    }
}

fn csv_reader(separator: u8, quote: Option<u8>) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    // Widths are compared here, so that a bad row can be reported and left out.
    builder.has_headers(false).flexible(true).delimiter(separator).buffer_capacity(1 << 16);
    match quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    builder
}

fn csv_fault(line: u64, error: csv::Error) -> Fault {
    let line = error.position().map_or(line, |position| position.line());
    match error.into_kind() {
        csv::ErrorKind::Utf8 { err, .. } => Fault::Row { line, reason: format!("{err}: not UTF-8; state the `encoding` of the file") },
        csv::ErrorKind::Io(error) => Fault::Damaged { line, reason: reason(&error) },
        other => Fault::Damaged { line, reason: format!("{other:?}") },
    }
}

fn read_blanks(
    lines: &mut Box<dyn BufRead + Send>,
    line: &mut u64,
    text: &mut Vec<u8>,
    record: &mut StringRecord,
) -> Result<Option<u64>, Fault> {
    loop {
        text.clear();
        *line += 1;
        let read = lines.read_until(b'\n', text).map_err(|error| Fault::Damaged { line: *line, reason: reason(&error) })?;
        if read == 0 {
            return Ok(None);
        }
        let row = std::str::from_utf8(text)
            .map_err(|error| Fault::Row { line: *line, reason: format!("{error}: not UTF-8; state the `encoding` of the file") })?;
        record.clear();
        row.split_whitespace().for_each(|field| record.push_field(field));
        if !record.is_empty() {
            return Ok(Some(*line));
        }
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the file ends before its packed content does: it was cut off; get it again".into(),
        io::ErrorKind::InvalidInput => format!("{error}: not a gzip file, although its name ends in .gz"),
        _ => error.to_string(),
    }
}

fn open_text(path: &Path, plan: &FilePlan, bytes: Arc<AtomicU64>) -> io::Result<Box<dyn Read + Send>> {
    let file = BufReader::with_capacity(1 << 16, Counted { inner: File::open(path)?, bytes });
    let packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let plain: Box<dyn Read + Send> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    if plan.encoding == UTF_8 {
        return Ok(Box::new(WithoutMark { inner: plain, begun: false }));
    }
    Ok(Box::new(Decoded::new(plain, plan.encoding)))
}

/// Counts what was read of the file as it lies on the disk, for the progress.
struct Counted {
    inner: File,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// UTF-8 without the byte order mark that spreadsheets put before it.
struct WithoutMark {
    inner: Box<dyn Read + Send>,
    begun: bool,
}

impl Read for WithoutMark {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.begun || buffer.len() < 3 {
            return self.inner.read(buffer);
        }
        self.begun = true;
        let mut filled = 0;
        while filled < 3 {
            match self.inner.read(&mut buffer[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        if buffer[..filled].starts_with(b"\xEF\xBB\xBF") {
            buffer.copy_within(3..filled, 0);
            filled -= 3;
            // Zero bytes would read as the end of the file.
            return if filled == 0 { self.inner.read(buffer) } else { Ok(filled) };
        }
        Ok(filled)
    }
}
