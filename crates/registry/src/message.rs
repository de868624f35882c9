//! What a child tells its host while it loads a pack, a line each: what it is about to do, what is odd, and how it ended.
//!
//! The pack runs beside the teller and may tell anything. So a line is data of unknown origin: of a length, of characters that may
//! stand in a log, and with a code that we know.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::outcome::{Failed, Warning, failed};

/// Longer than any text of ours.
const LONGEST: usize = 32 * 1024;
/// Of each of its parts.
const MOST_CHARACTERS: usize = 1000;

/// All that the steps in a child can refuse a pack for or warn of.
const CODES: [&str; 38] = [
    "E_ABI_MAJOR",
    "E_ABI_MINOR",
    "E_CHILD",
    "E_COMPUTE",
    "E_DESCRIPTOR",
    "E_DLOPEN",
    "E_FEATURE",
    "E_INIT",
    "E_INPUT",
    "E_INTERNAL",
    "E_IO",
    "E_MAGIC",
    "E_MANIFEST_DIFF",
    "E_NO_ENTRY",
    "E_OVERFLOW",
    "E_PANIC",
    "E_PANIC_ABORT",
    "E_UNSUPPORTED",
    "E_CANCELLED",
    "F_CHILD_DIED",
    "F_DEADLINE",
    "F_DECIMAL_RANGE",
    "F_ENV",
    "F_ERR_LEN",
    "F_FDS",
    "F_INPUT_CHANGED",
    "F_LEAK",
    "F_NOT_DETERMINISTIC",
    "F_NOT_FINITE",
    "F_NOT_ROW_WISE",
    "F_THREADS",
    "F_UNKNOWN_STATUS",
    "F_VALIDITY_PAST_END",
    "F_VALID_BUT_UNWRITTEN",
    "F_WROTE_PAST_END",
    "W_FPENV",
    "W_STATIC_TLS",
    "W_STDOUT",
];

#[derive(Debug)]
pub(crate) enum Message {
    /// What comes next, as it reads after "while".
    Stage(String),
    Warning(Warning),
    /// A protection that the kernel does not have.
    Missing(String),
    Refused(Failed),
    /// All went well.
    Ready,
}

/// The code as a constant, if there is such a code.
pub(crate) fn known(code: &str) -> Option<&'static str> {
    CODES.into_iter().find(|known| *known == code)
}

impl Message {
    pub fn send(&self, mut channel: &UnixStream) -> io::Result<()> {
        let parts: [&str; 5] = match self {
            Message::Stage(stage) => ["stage", stage, "", "", ""],
            Message::Warning((code, text)) => ["warning", code, text, "", ""],
            Message::Missing(what) => ["missing", what, "", "", ""],
            Message::Refused(Failed { code, expected, found, advice }) => ["refused", code, expected, found, advice],
            Message::Ready => ["ready", "", "", "", ""],
        };
        let plain = |part: &str| part.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_CHARACTERS).collect::<String>();
        channel.write_all((parts.map(plain).join("\t") + "\n").as_bytes())
    }

    fn parse(line: &[u8]) -> Option<Message> {
        let line = String::from_utf8_lossy(line);
        let mut parts = line.split('\t').map(|part| part.chars().filter(|c| !c.is_control()).collect::<String>());
        let mut next = || parts.next();
        Some(match next()?.as_str() {
            "stage" => Message::Stage(next()?),
            "warning" => Message::Warning((known(&next()?)?, next()?)),
            "missing" => Message::Missing(next()?),
            "refused" => Message::Refused(failed(known(&next()?)?, next()?, next()?, next()?)),
            "ready" => Message::Ready,
            _ => return None,
        })
    }
}

/// Why no message came.
#[derive(Debug)]
pub(crate) enum Silence {
    /// The other side closed its end.
    Closed,
    TooLate,
    /// What came is no message.
    Nonsense,
}

/// The messages of a child, in their order.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    held: Vec<u8>,
}

impl Inbox {
    pub fn next(&mut self, mut channel: &UnixStream, deadline: Instant) -> Result<Message, Silence> {
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.held.drain(..=end).take(end).collect();
                return Message::parse(&line).ok_or(Silence::Nonsense);
            }
            if self.held.len() > LONGEST {
                return Err(Silence::Nonsense);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let mut bytes = [0; 512];
            match wait(channel, left).and_then(|()| channel.read(&mut bytes)) {
                Ok(0) => return Err(Silence::Closed),
                Ok(count) => self.held.extend_from_slice(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Err(Silence::TooLate),
                Err(_) => return Err(Silence::Closed),
            }
        }
    }
}

/// Lets the next read wait for so long.
fn wait(channel: &UnixStream, left: Duration) -> io::Result<()> {
    if left.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    channel.set_read_timeout(Some(left))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::{Duration, Instant};

    use super::{Inbox, Message, Silence};
    use crate::outcome::failed;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn what_is_sent_arrives_without_what_would_break_a_line() {
        let (here, there) = UnixStream::pair().expect("a pair");
        Message::Stage("loading\nit\tall".into()).send(&there).expect("sent");
        Message::Refused(failed("E_INIT", "a", "b", "c")).send(&there).expect("sent");
        Message::Ready.send(&there).expect("sent");
        drop(there);
        let mut inbox = Inbox::default();
        assert!(matches!(inbox.next(&here, soon()), Ok(Message::Stage(text)) if text == "loading it all"));
        assert!(
            matches!(inbox.next(&here, soon()), Ok(Message::Refused(failed)) if failed.code == "E_INIT" && failed.message() == "expected a; found b; c")
        );
        assert!(matches!(inbox.next(&here, soon()), Ok(Message::Ready)));
        assert!(matches!(inbox.next(&here, soon()), Err(Silence::Closed)));
    }

    #[test]
    fn nonsense_endless_lines_and_silence_are_told_apart() {
        for (bytes, ended) in
            [(b"refused\tE_INVENTED\twords\n".to_vec(), false), (b"hello\n".to_vec(), false), (vec![b'x'; 40_000], false), (vec![], true)]
        {
            let (here, mut there) = UnixStream::pair().expect("a pair");
            there.write_all(&bytes).expect("sent");
            match Inbox::default().next(&here, if ended { Instant::now() } else { soon() }) {
                Err(Silence::TooLate) => assert!(ended),
                Err(Silence::Nonsense) => assert!(!ended),
                other => panic!("{other:?}"),
            }
        }
    }
}
