use manifest::NumberType;
use metric_abi::D128;
use rust_decimal::Decimal;

use super::slot::{Double, Slot};
use super::{Form, InputBuffer, Line, OutputBuffer, bits, put, put_bits, slot};

type Heap = OutputBuffer<Vec<Line>>;

const DECIMALS: NumberType = NumberType::Decimal;

fn of_scale(scale: u32) -> Form {
    Form::of(DECIMALS, scale)
}

fn output(rows: usize, number: NumberType, write: impl FnOnce(&Heap)) -> Result<Vec<Option<rust_decimal::Decimal>>, (String, Option<u64>)> {
    let mut output = OutputBuffer::new(rows, number);
    output.arm(rows);
    write(&output);
    let mut results = Vec::new();
    output.take(100, &mut results).map(|()| results).map_err(|fault| (fault.code, fault.row))
}

/// Writes a row and marks a row, as a pack would.
fn write<S: Slot>(out: &Heap, row: usize, value: S, valid: Option<usize>) {
    put(out.values(), row, value);
    valid.into_iter().for_each(|row| put_bits(out.validity(), row / 64, 1 << (row % 64)));
}

fn double(value: f64) -> Double {
    Double(value.to_bits())
}

const FIVE: D128 = D128::new(5_000_000_000_000);

#[test]
fn what_a_pack_writes_wrong_is_found_and_named() {
    assert_eq!(output(3, DECIMALS, |_| ()), Ok(vec![None; 3]), "nothing written is all null");
    assert_eq!(output(3, DECIMALS, |out| write(out, 1, FIVE, Some(1))), Ok(vec![None, Some(5.into()), None]));
    for (rows, wrong, code, row) in [
        (3, (|out| write(out, 3, FIVE, None)) as fn(&Heap), "F_WROTE_PAST_END", 103),
        (4, |out| write(out, 4, D128::new(0), None), "F_WROTE_PAST_END", 104),
        (3, |out| put_bits(out.validity(), 0, 8), "F_VALIDITY_PAST_END", 103),
        (512, |out| put_bits(out.validity(), 8, 1), "F_VALIDITY_PAST_END", 612),
        (3, |out| put_bits(out.validity(), 0, 4), "F_VALID_BUT_UNWRITTEN", 102),
        (1, |out| write(out, 0, D128::new(10i128.pow(38)), Some(0)), "F_DECIMAL_RANGE", 100),
        (1, |out| write(out, 0, D128::new(10i128.pow(38) - 1), Some(0)), "F_DECIMAL_RANGE", 100),
    ] {
        assert_eq!(output(rows, DECIMALS, wrong), Err((code.into(), Some(row))), "{code}");
    }
}

#[test]
fn integers_and_doubles_that_are_wrong_are_found_and_named_too() {
    use NumberType::{Float, Integer};
    let extremes = output(3, Integer, |out| (write(out, 0, i64::MAX, Some(0)), write(out, 2, i64::MIN + 1, None)).0);
    assert_eq!(extremes, Ok(vec![Some(i64::MAX.into()), None, None]));
    assert_eq!(output(2, Float, |out| write(out, 1, double(-0.1), Some(1))), Ok(vec![None, Some(Decimal::new(-1, 1))]));
    for (rows, number, wrong, code, row) in [
        (3, Integer, (|out| write(out, 3, 1i64, None)) as fn(&Heap), "F_WROTE_PAST_END", 103),
        (8, Float, |out| write(out, 8, double(0.0), None), "F_WROTE_PAST_END", 108),
        (3, Integer, |out| put_bits(out.validity(), 0, 4), "F_VALID_BUT_UNWRITTEN", 102),
        (3, Float, |out| put_bits(out.validity(), 0, 2), "F_VALID_BUT_UNWRITTEN", 101),
        (3, Integer, |out| write(out, 1, i64::MIN, Some(1)), "F_VALID_BUT_UNWRITTEN", 101),
        (3, Float, |out| write(out, 1, double(f64::NAN), Some(1)), "F_NOT_FINITE", 101),
        (3, Float, |out| write(out, 2, double(-f64::INFINITY), Some(2)), "F_NOT_FINITE", 102),
        (3, Float, |out| write(out, 0, double(1e29), Some(0)), "F_DECIMAL_RANGE", 100),
    ] {
        assert_eq!(output(rows, number, wrong), Err((code.into(), Some(row))), "{code}");
    }
}

#[test]
fn inputs_keep_nulls_apart_from_zeros() {
    let values = [Some("1.5".parse().unwrap()), None, Some(0.into())];
    let mut buffer = InputBuffer::new(3, of_scale(4));
    buffer.fill(&values).expect("they fit");
    let input = buffer.input();
    assert_eq!((input.null_count(), input.validity().map(|validity| bits(validity, 0))), (1, Some(0b101)));
    assert_eq!([0, 1, 2].map(|row| slot::<D128>(input.values(), row)), [D128::new(15000), D128::new(0), D128::new(0)]);
    buffer.fill(&[Some(1.into())]).expect("it fits");
    assert!(buffer.input().validity().is_none());
    assert_eq!(InputBuffer::new(1, of_scale(28)).fill(&[Some(Decimal::MAX)]), Err(0));
    let mut doubles = InputBuffer::new(3, Form::of(NumberType::Float, 4));
    doubles.fill(&values).expect("they fit");
    assert_eq!([0, 1, 2].map(|row| slot::<Double>(doubles.input().values(), row)), [1.5, 0.0, 0.0].map(double));
    assert!(doubles.holds(&values) && !doubles.holds(&[values[0], Some(0.into()), values[2]]));
    assert_eq!(doubles.shape().form.scale, 0, "only decimals have places");
}

#[test]
fn an_integer_beyond_64_bits_is_told_by_its_row() {
    let mut buffer = InputBuffer::new(2, Form::of(NumberType::Integer, 0));
    assert_eq!(buffer.fill(&[Some(i64::MAX.into()), Some((i64::MIN + 1).into())]), Ok(()));
    assert_eq!([0, 1].map(|row| slot::<i64>(buffer.input().values(), row)), [i64::MAX, i64::MIN + 1]);
    assert_eq!(buffer.fill(&[Some(1.into()), Some(i64::MIN.into())]), Err(1));
}

#[test]
fn a_short_chunk_lies_at_the_end_of_its_memory() {
    let mut buffer = InputBuffer::new(9, of_scale(0));
    buffer.fill(&[Some(1.into()); 9]).expect("they fit");
    buffer.fill(&[None, Some(7.into())]).expect("they fit");
    assert_eq!((slot(&buffer.values, 9), buffer.input().room()), (D128::new(7), 4));
    assert_eq!(buffer.input().validity().map(|validity| bits(validity, 0)), Some(0b10));
    let mut buffer = InputBuffer::new(9, Form::of(NumberType::Integer, 0));
    buffer.fill(&[None, Some(7.into())]).expect("they fit");
    assert_eq!((slot(&buffer.values, 17), buffer.input().room()), (7i64, 8));
}
