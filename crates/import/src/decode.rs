//! Turns a stream of bytes in any encoding into UTF-8. A byte that means nothing in the encoding is an error, never a `�`.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

const CHUNK: usize = 1 << 14;

pub(crate) struct Decoded {
    inner: Box<dyn Read + Send>,
    decoder: Decoder,
    name: &'static str,
    raw: Vec<u8>,
    raw_at: usize,
    ended: bool,
    text: Vec<u8>,
    text_at: usize,
    finished: bool,
}

impl Decoded {
    pub fn new(inner: Box<dyn Read + Send>, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        let name = encoding.name();
        Decoded { inner, decoder, name, raw: Vec::new(), raw_at: 0, ended: false, text: Vec::new(), text_at: 0, finished: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.raw_at == self.raw.len() && !self.ended {
            self.raw.resize(CHUNK, 0);
            let read = self.inner.read(&mut self.raw)?;
            self.raw.truncate(read);
            self.raw_at = 0;
            self.ended = read == 0;
        }
        self.text.resize(CHUNK * 4, 0);
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(&self.raw[self.raw_at..], &mut self.text, self.ended);
        self.raw_at += read;
        self.text.truncate(written);
        self.text_at = 0;
        match result {
            DecoderResult::Malformed(..) => {
                let message = format!("there are bytes that mean nothing in {}; state the right `encoding` of the file", self.name);
                Err(io::Error::new(io::ErrorKind::InvalidData, message))
            }
            DecoderResult::InputEmpty => {
                self.finished = self.ended;
                Ok(())
            }
            DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text_at == self.text.len() && !self.finished {
            self.refill()?;
        }
        let read = buffer.len().min(self.text.len() - self.text_at);
        buffer[..read].copy_from_slice(&self.text[self.text_at..self.text_at + read]);
        self.text_at += read;
        Ok(read)
    }
}
