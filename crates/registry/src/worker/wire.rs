//! A request and a reply, as bytes: words in the order of the machine, since both ends are one program.

use std::io::{self, ErrorKind};
use std::ops::Deref;

use manifest::NumberType;
use manifest::check::{MAX_INPUTS, MAX_PARAMETERS};
use rust_decimal::Decimal;

use crate::column::{Form, Line, Shape};
use crate::evaluate::{Buffers, CHUNK};
use crate::native::{Reply, plain, value_type};
use crate::runtime::{Argument, Batch};

/// Metric, first row, rows, inputs, parameters, numbers of the output.
const HEAD: usize = 6;
/// Of each input its nulls, its numbers and its scale.
const INPUT: usize = 3;
/// Of each parameter what it is, its scale and its value.
const PARAMETER: usize = 4;
const INPUTS: usize = INPUT * MAX_INPUTS;
const WORDS: usize = HEAD + INPUTS + PARAMETER * MAX_PARAMETERS;
pub(super) const REQUEST: usize = 8 * WORDS;
/// Status, row, flags, bytes of text.
const REPLY: usize = 8 * 4;
/// More than the text of an error has.
const LONGEST: usize = 2048;
const NO_ROW: u64 = u64::MAX;

/// One metric over the chunk that lies in the shared memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub metric: u32,
    pub row_base: u64,
    pub rows: usize,
    pub inputs: Vec<Shape>,
    pub parameters: Vec<Argument>,
    pub output: NumberType,
}

impl Request {
    pub fn new<M: Deref<Target = [Line]>>(batch: &Batch<'_>, row_base: u64, buffers: &Buffers<M>) -> Request {
        let inputs = buffers.inputs.iter().map(|input| input.shape()).collect();
        let (parameters, output) = (batch.parameters.to_vec(), batch.declared.output.number);
        Request { metric: batch.metric, row_base, rows: buffers.output.rows(), inputs, parameters, output }
    }

    pub fn to_bytes(&self) -> [u8; REQUEST] {
        let mut words = [0; WORDS];
        let counts = [self.inputs.len() as u64, self.parameters.len() as u64];
        words[..HEAD].copy_from_slice(&[
            self.metric.into(),
            self.row_base,
            self.rows as u64,
            counts[0],
            counts[1],
            number_word(self.output),
        ]);
        for (words, input) in words[HEAD..][..INPUTS].chunks_mut(INPUT).zip(&self.inputs) {
            words.copy_from_slice(&[input.nulls, number_word(input.form.number), input.form.scale.into()]);
        }
        for (words, parameter) in words[HEAD + INPUTS..].chunks_mut(PARAMETER).zip(&self.parameters) {
            words.copy_from_slice(&parameter_words(*parameter));
        }
        to_bytes(&words)
    }

    /// None where it makes no sense.
    pub fn parse(bytes: &[u8; REQUEST]) -> Option<Request> {
        let words: [u64; WORDS] = words(bytes);
        let count = |index: usize, most: usize| usize::try_from(words[index]).ok().filter(|count| *count <= most);
        let rows = count(2, CHUNK).filter(|rows| *rows > 0)?;
        let shape = |words: &[u64]| {
            Some(Shape { rows, nulls: words[0], form: Form { number: number(words[1])?, scale: words[2].try_into().ok()? } })
        };
        let inputs = words[HEAD..].chunks(INPUT).take(count(3, MAX_INPUTS)?).map(shape).collect::<Option<_>>()?;
        let parameters = words[HEAD + INPUTS..].chunks(PARAMETER).take(count(4, MAX_PARAMETERS)?);
        let parameters = parameters.map(parameter).collect::<Option<_>>()?;
        Some(Request { metric: words[0].try_into().ok()?, row_base: words[1], rows, inputs, parameters, output: number(words[5])? })
    }
}

fn number_word(number: NumberType) -> u64 {
    value_type(number).into()
}

fn number(word: u64) -> Option<NumberType> {
    [NumberType::Decimal, NumberType::Integer, NumberType::Float].into_iter().find(|number| number_word(*number) == word)
}

fn parameter_words(parameter: Argument) -> [u64; PARAMETER] {
    match parameter {
        Argument::Integer(whole) => [0, 0, whole as u64, 0],
        Argument::Decimal(value) => decimal_words(1, value),
        Argument::Float(value) => decimal_words(2, value),
    }
}

fn decimal_words(tag: u64, value: Decimal) -> [u64; PARAMETER] {
    [tag, value.scale().into(), value.mantissa() as u64, (value.mantissa() >> 64) as u64]
}

fn parameter(words: &[u64]) -> Option<Argument> {
    let mantissa = i128::from(words[3] as i64) << 64 | i128::from(words[2]);
    match words[0] {
        0 => Some(Argument::Integer(words[2] as i64)),
        1 | 2 => {
            let value = Decimal::try_from_i128_with_scale(mantissa, words[1].try_into().ok()?).ok()?;
            Some(if words[0] == 1 { Argument::Decimal(value) } else { Argument::Float(value) })
        }
        _ => None,
    }
}

pub(super) fn reply_bytes(reply: &Reply) -> Vec<u8> {
    let flags = u64::from(reply.error_too_long) | u64::from(reply.environment_changed) << 1;
    let head = [reply.status as u64, reply.row.unwrap_or(NO_ROW), flags, reply.message.len() as u64];
    let mut bytes = to_bytes::<4, REPLY>(&head).to_vec();
    bytes.extend_from_slice(reply.message.as_bytes());
    bytes
}

/// Reads a reply. It comes from where the pack is and may be anything.
pub(super) fn reply(read: &mut impl FnMut(&mut [u8]) -> io::Result<()>) -> io::Result<Reply> {
    let mut head = [0; REPLY];
    read(&mut head)?;
    let [status, row, flags, length]: [u64; 4] = words(&head);
    let mut text = vec![0; usize::try_from(length).ok().filter(|length| *length <= LONGEST).ok_or(ErrorKind::InvalidData)?];
    read(&mut text)?;
    Ok(Reply {
        status: status as i32,
        message: plain(&text),
        row: (row != NO_ROW).then_some(row),
        error_too_long: flags & 1 != 0,
        environment_changed: flags & 2 != 0,
    })
}

fn to_bytes<const W: usize, const B: usize>(words: &[u64; W]) -> [u8; B] {
    let mut bytes = [0; B];
    bytes.chunks_mut(8).zip(words).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_ne_bytes()));
    bytes
}

fn words<const W: usize>(bytes: &[u8]) -> [u64; W] {
    std::array::from_fn(|index| u64::from_ne_bytes(std::array::from_fn(|byte| bytes[8 * index + byte])))
}

#[cfg(test)]
mod tests {
    use manifest::NumberType;
    use rust_decimal::Decimal;

    use super::{REPLY, Request, reply, reply_bytes};
    use crate::column::{Form, Shape};
    use crate::native::Reply;
    use crate::runtime::Argument;

    #[test]
    fn a_request_arrives_as_it_was_sent_and_nonsense_does_not() {
        let shape = |nulls, number, scale| Shape { rows: 7, nulls, form: Form { number, scale } };
        let parameters = [Argument::Integer(-3), Argument::Decimal(Decimal::MIN), Argument::Float(Decimal::new(15, 1))];
        let inputs = vec![shape(0, NumberType::Decimal, 12), shape(7, NumberType::Integer, 0), shape(1, NumberType::Float, 0)];
        let request = Request { metric: 3, row_base: 1 << 40, rows: 7, inputs, parameters: parameters.to_vec(), output: NumberType::Float };
        assert_eq!(Request::parse(&request.to_bytes()), Some(request.clone()));
        for wrong in [Request { rows: 0, ..request.clone() }, Request { rows: 65537, ..request.clone() }] {
            assert_eq!(Request::parse(&wrong.to_bytes()), None);
        }
    }

    #[test]
    fn a_reply_arrives_as_it_was_sent_and_one_that_promises_too_much_is_refused() {
        let sent = Reply { status: -5, message: "what is wrong".into(), row: Some(9), error_too_long: true, environment_changed: false };
        let bytes = reply_bytes(&sent);
        let mut rest = &bytes[..];
        let came = reply(&mut |buffer| std::io::Read::read_exact(&mut rest, buffer)).expect("a reply");
        assert_eq!((came.status, came.message.as_str(), came.row), (-5, "what is wrong", Some(9)));
        assert!(came.error_too_long && !came.environment_changed);
        let mut lying = &[0xff; REPLY][..];
        let refused = reply(&mut |buffer| std::io::Read::read_exact(&mut lying, buffer)).expect_err("no such text");
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidData);
    }
}
