//! A request and a reply, as words in shared memory.

use std::io::{self, ErrorKind};
use std::ops::Deref;

use arrayvec::ArrayVec;
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
/// Status, row, flags, bytes of text.
const REPLY: usize = 4;
/// More than the text of an error has.
const LONGEST: usize = 2048;
const NO_ROW: u64 = u64::MAX;

/// Words, one after another in the lines.
fn put<const N: usize>(lines: &[Line], at: usize, words: [u64; N]) {
    (at..).zip(words).for_each(|(at, word)| lines[at / 8].put_word(at % 8, word));
}

fn get<const N: usize>(lines: &[Line], at: usize) -> [u64; N] {
    std::array::from_fn(|index| lines[(at + index) / 8].word((at + index) % 8))
}

/// One metric over the chunk that lies in the shared memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub metric: u32,
    pub row_base: u64,
    pub rows: usize,
    pub inputs: ArrayVec<Shape, MAX_INPUTS>,
    pub parameters: ArrayVec<Argument, MAX_PARAMETERS>,
    pub output: NumberType,
}

impl Request {
    pub fn new<M: Deref<Target = [Line]>>(batch: &Batch<'_>, row_base: u64, buffers: &Buffers<M>) -> Request {
        let inputs = buffers.inputs.iter().map(|input| input.shape()).collect();
        let (parameters, output) = (batch.parameters.iter().copied().collect(), batch.declared.output.number);
        Request { metric: batch.metric, row_base, rows: buffers.output.rows(), inputs, parameters, output }
    }

    pub fn put(&self, lines: &[Line]) {
        let counts = [self.inputs.len() as u64, self.parameters.len() as u64];
        put(lines, 0, [self.metric.into(), self.row_base, self.rows as u64, counts[0], counts[1], number_word(self.output)]);
        for (at, input) in (HEAD..).step_by(INPUT).zip(&self.inputs) {
            put(lines, at, [input.nulls, number_word(input.form.number), input.form.scale.into()]);
        }
        for (at, parameter) in (HEAD + INPUTS..).step_by(PARAMETER).zip(&self.parameters) {
            put(lines, at, parameter_words(*parameter));
        }
    }

    /// None where it makes no sense.
    pub fn get(lines: &[Line]) -> Option<Request> {
        let [metric, row_base, rows, inputs, parameters, output]: [u64; HEAD] = get(lines, 0);
        let count = |count: u64, most: usize| usize::try_from(count).ok().filter(|count| *count <= most);
        let rows = count(rows, CHUNK).filter(|rows| *rows > 0)?;
        let shape = |at| {
            let [nulls, of, scale]: [u64; INPUT] = get(lines, at);
            Some(Shape { rows, nulls, form: Form { number: number(of)?, scale: scale.try_into().ok()? } })
        };
        let inputs = (HEAD..).step_by(INPUT).take(count(inputs, MAX_INPUTS)?).map(shape).collect::<Option<_>>()?;
        let parameters = (HEAD + INPUTS..).step_by(PARAMETER).take(count(parameters, MAX_PARAMETERS)?);
        let parameters = parameters.map(|at| parameter(get(lines, at))).collect::<Option<_>>()?;
        Some(Request { metric: metric.try_into().ok()?, row_base, rows, inputs, parameters, output: number(output)? })
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

fn parameter(words: [u64; PARAMETER]) -> Option<Argument> {
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

pub(super) fn put_reply(reply: &Reply, lines: &[Line]) {
    let flags = u64::from(reply.error_too_long) | u64::from(reply.environment_changed) << 1;
    let text = &reply.message.as_bytes()[..reply.message.len().min(LONGEST)];
    put(lines, 0, [reply.status as u64, reply.row.unwrap_or(NO_ROW), flags, text.len() as u64]);
    for (at, bytes) in (REPLY..).zip(text.chunks(8)) {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        put(lines, at, [u64::from_ne_bytes(word)]);
    }
}

/// Reads a reply. It comes from where the pack is and may be anything.
pub(super) fn get_reply(lines: &[Line]) -> io::Result<Reply> {
    let [status, row, flags, length]: [u64; REPLY] = get(lines, 0);
    let length = usize::try_from(length).ok().filter(|length| *length <= LONGEST).ok_or(ErrorKind::InvalidData)?;
    let words = (REPLY..REPLY + length.div_ceil(8)).map(|at| get::<1>(lines, at)[0]);
    let mut text: Vec<u8> = words.flat_map(u64::to_ne_bytes).collect();
    text.truncate(length);
    Ok(Reply {
        status: status as i32,
        message: plain(&text),
        row: (row != NO_ROW).then_some(row),
        error_too_long: flags & 1 != 0,
        environment_changed: flags & 2 != 0,
    })
}

#[cfg(test)]
mod tests {
    use manifest::NumberType;
    use rust_decimal::Decimal;

    use super::{LONGEST, Request, get_reply, put, put_reply};
    use crate::column::{Form, Line, Shape};
    use crate::native::Reply;
    use crate::runtime::Argument;

    #[test]
    fn a_request_arrives_as_it_was_sent_and_nonsense_does_not() {
        let shape = |nulls, number, scale| Shape { rows: 7, nulls, form: Form { number, scale } };
        let parameters = [Argument::Integer(-3), Argument::Decimal(Decimal::MIN), Argument::Float(Decimal::new(15, 1))];
        let inputs = [shape(0, NumberType::Decimal, 12), shape(7, NumberType::Integer, 0), shape(1, NumberType::Float, 0)];
        let request = Request {
            metric: 3,
            row_base: 1 << 40,
            rows: 7,
            inputs: inputs.into_iter().collect(),
            parameters: parameters.into_iter().collect(),
            output: NumberType::Float,
        };
        let arrived = |request: &Request| {
            let lines = lines();
            request.put(&lines);
            Request::get(&lines)
        };
        assert_eq!(arrived(&request), Some(request.clone()));
        for wrong in [Request { rows: 0, ..request.clone() }, Request { rows: 65537, ..request.clone() }] {
            assert_eq!(arrived(&wrong), None);
        }
    }

    fn lines() -> Vec<Line> {
        std::iter::repeat_with(Line::default).take(64).collect()
    }

    #[test]
    fn a_reply_arrives_as_it_was_sent_and_one_that_promises_too_much_is_refused() {
        let sent = Reply { status: -5, message: "what is wrong".into(), row: Some(9), error_too_long: true, environment_changed: false };
        let lines = lines();
        put_reply(&sent, &lines);
        let came = get_reply(&lines).expect("a reply");
        assert_eq!((came.status, came.message.as_str(), came.row), (-5, "what is wrong", Some(9)));
        assert!(came.error_too_long && !came.environment_changed);
        put(&lines, 3, [LONGEST as u64 + 1]);
        assert_eq!(get_reply(&lines).expect_err("no such text").kind(), std::io::ErrorKind::InvalidData);
    }
}
