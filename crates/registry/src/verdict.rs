//! What was found out about a pack that passed, beside its private copy: so that a restart need not try it again.
//!
//! A verdict is for one content, whose hash its name begins with, and for one version of the checks. Who can write here can write
//! the copies too. A verdict that cannot be kept or read is none: the pack is tried again.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::message::known;
use crate::outcome::{Failed, Warning};

/// Goes up with every change of what the probe or the conformance kit look for; another version of the service tries again in any case.
const CHECKS: &str = concat!("tried-4-", env!("CARGO_PKG_VERSION"));

/// The warnings of the last time, or of trying it now.
pub(crate) fn known_or(copy: &Path, attempt: impl FnOnce() -> Result<Vec<Warning>, Failed>) -> Result<Vec<Warning>, Failed> {
    let file = copy.with_extension(CHECKS);
    if let Some(warnings) = read(&file) {
        return Ok(warnings);
    }
    let warnings = attempt()?;
    if let Err(error) = write(&file, &warnings) {
        tracing::info!(file = %file.display(), %error, "what was found out about a pack could not be kept");
    }
    Ok(warnings)
}

/// Whole, or nothing: its last line says that it is the last.
fn read(file: &PathBuf) -> Option<Vec<Warning>> {
    let text = fs::read_to_string(file).ok()?;
    let warning = |line: &str| line.split_once('\t').and_then(|(code, text)| Some((known(code)?, text.to_owned())));
    text.strip_suffix("passed\n")?.lines().map(warning).collect()
}

fn write(file: &Path, warnings: &[Warning]) -> io::Result<()> {
    let line = |(code, text): &Warning| format!("{code}\t{}\n", text.replace(char::is_control, " "));
    let mut new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(file))?;
    new.write_all(warnings.iter().map(line).collect::<String>().as_bytes())?;
    new.write_all(b"passed\n")?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{CHECKS, known_or};
    use crate::outcome::failed;

    #[test]
    fn what_passed_is_not_tried_again_and_what_did_not_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("aa.so");
        let refused = || known_or(&library, || Err(failed("F_LEAK", "a", "b", "c"))).map_err(|failed| failed.code);
        let warnings = vec![("W_STDOUT", "it prints".to_owned()), ("W_FPENV", "it changes".to_owned())];
        assert_eq!(refused(), Err("F_LEAK"));
        assert_eq!(known_or(&library, || Ok(warnings.clone())).ok(), Some(warnings.clone()));
        assert_eq!(refused(), Ok(warnings));
    }

    #[test]
    fn half_a_verdict_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("aa.so");
        for text in ["", "W_STDOUT\tit prints\n", "W_UNHEARD_OF\tit prints\npassed\n", "nonsense\npassed\n"] {
            fs::write(library.with_extension(CHECKS), text).expect("written");
            assert_eq!(known_or(&library, || Ok(vec![])).ok(), Some(vec![]), "{text}");
        }
    }
}
