//! A formula made ready for whole columns: a flat list of steps over registers, each of which takes a block of rows.
//!
//! It says what a value is and not why there is none; [`Formula::evaluate`] does that, for the few rows where anyone asks. Both
//! branches of an `if` are computed and one is taken, which comes to the same, since nothing here has an effect.

use rust_decimal::Decimal;

use super::number::Gap;
use super::{Binary, Expression, Formula, Node, Unary};

/// Rows taken at once: registers of so many stay in the processor's nearest memory.
const BLOCK: usize = 256;

/// What a row came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Null,
    Value(Decimal),
    /// Too large for an exact decimal, which is a failure and not an answer.
    Overflow,
}

/// A compiled formula. Variables are columns, or constants of the whole batch.
#[derive(Clone, Debug)]
pub struct Program {
    steps: Vec<Step>,
    result: Operand,
    registers: usize,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    operation: Operation,
    to: usize,
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    Unary(Unary, Operand),
    Binary(Binary, Operand, Operand),
    If([Operand; 3]),
}

#[derive(Clone, Copy, Debug)]
enum Operand {
    Number(Decimal),
    Column(usize),
    Constant(usize),
    Register(usize),
    /// A name that is neither a column nor a constant.
    Unknown,
}

impl Program {
    /// Over columns and constants of these names.
    pub fn new<'a>(formula: &Formula, columns: impl IntoIterator<Item = &'a str>, constants: impl IntoIterator<Item = &'a str>) -> Program {
        let names = Names { columns: columns.into_iter().collect(), constants: constants.into_iter().collect() };
        let mut program = Program { steps: Vec::new(), result: Operand::Unknown, registers: 0 };
        program.result = program.compile(&formula.root, &names, 0);
        program
    }

    /// What the rows come to, in their order. The columns have as many values, the constants one each.
    pub fn evaluate(&self, columns: &[&[Option<Decimal>]], constants: &[Decimal], rows: usize) -> Vec<Answer> {
        let mut registers = vec![Answer::Null; self.registers * BLOCK];
        let mut answers = Vec::with_capacity(rows);
        for first in (0..rows).step_by(BLOCK) {
            let block = Block { columns, constants, first, rows: BLOCK.min(rows - first) };
            for step in &self.steps {
                step.run(&block, &mut registers);
            }
            answers.extend((0..block.rows).map(|row| block.get(self.result, &registers, row)));
        }
        answers
    }

    fn compile(&mut self, node: &Node, names: &Names<'_>, to: usize) -> Operand {
        let operation = match &node.expression {
            Expression::Number(number) => return Operand::Number(*number),
            Expression::Variable(name) => return names.find(name),
            Expression::Unary(unary, inner) => Operation::Unary(*unary, self.compile(inner, names, to)),
            Expression::Binary(binary, left, right) => {
                Operation::Binary(*binary, self.compile(left, names, to), self.compile(right, names, to + 1))
            }
            Expression::If(parts) => {
                let [condition, holds, otherwise] = &**parts;
                Operation::If([
                    self.compile(condition, names, to),
                    self.compile(holds, names, to + 1),
                    self.compile(otherwise, names, to + 2),
                ])
            }
        };
        self.registers = self.registers.max(to + 1);
        self.steps.push(Step { operation, to });
        Operand::Register(to)
    }
}

struct Names<'a> {
    columns: Vec<&'a str>,
    constants: Vec<&'a str>,
}

impl Names<'_> {
    fn find(&self, name: &str) -> Operand {
        let column = self.columns.iter().position(|column| *column == name).map(Operand::Column);
        let constant = || self.constants.iter().position(|constant| *constant == name).map(Operand::Constant);
        column.or_else(constant).unwrap_or(Operand::Unknown)
    }
}

struct Block<'a> {
    columns: &'a [&'a [Option<Decimal>]],
    constants: &'a [Decimal],
    first: usize,
    rows: usize,
}

impl Block<'_> {
    fn get(&self, operand: Operand, registers: &[Answer], row: usize) -> Answer {
        match operand {
            Operand::Number(number) => Answer::Value(number),
            Operand::Column(column) => self.columns[column][self.first + row].map_or(Answer::Null, Answer::Value),
            Operand::Constant(constant) => Answer::Value(self.constants[constant]),
            Operand::Register(register) => registers[register * BLOCK + row],
            Operand::Unknown => Answer::Null,
        }
    }
}

impl Step {
    fn run(&self, block: &Block<'_>, registers: &mut [Answer]) {
        match self.operation {
            Operation::Unary(unary, a) => {
                self.each(block, registers, |registers, row| block.get(a, registers, row).map(|a| unary.apply(a)))
            }
            Operation::Binary(binary, a, b) => {
                self.each(block, registers, |registers, row| block.get(a, registers, row).with(binary, block.get(b, registers, row)));
            }
            Operation::If([condition, holds, otherwise]) => {
                self.each(block, registers, |registers, row| match block.get(condition, registers, row) {
                    Answer::Value(condition) if condition.is_zero() => block.get(otherwise, registers, row),
                    Answer::Value(_) => block.get(holds, registers, row),
                    without => without,
                })
            }
        }
    }

    /// A register may be read where it is written: a row is read before it is.
    fn each(&self, block: &Block<'_>, registers: &mut [Answer], compute: impl Fn(&[Answer], usize) -> Answer) {
        for row in 0..block.rows {
            registers[self.to * BLOCK + row] = compute(registers, row);
        }
    }
}

impl Answer {
    fn map(self, compute: impl FnOnce(Decimal) -> Result<Decimal, Gap>) -> Answer {
        match self {
            Answer::Value(value) => compute(value).into(),
            without => without,
        }
    }

    /// Of two without a value, the left one decides.
    fn with(self, binary: Binary, right: Answer) -> Answer {
        match (self, right) {
            (Answer::Null, right) if binary == Binary::Coalesce => right,
            (left, _) if binary == Binary::Coalesce => left,
            (Answer::Value(a), Answer::Value(b)) => binary.apply(a, b).into(),
            (Answer::Value(_), without) | (without, _) => without,
        }
    }
}

impl From<Result<Decimal, Gap>> for Answer {
    fn from(result: Result<Decimal, Gap>) -> Answer {
        match result {
            Ok(value) => Answer::Value(value),
            Err(Gap::Overflow) => Answer::Overflow,
            Err(Gap::ZeroDenominator | Gap::NegativeBase | Gap::Undefined) => Answer::Null,
        }
    }
}
