//! What a metric pack says of itself: its metrics, the measures they need, and the vocabulary both are written in.
//!
//! Everything here is plain data. The registry checks a manifest with it, the store compiles its measures to SQL, the engine
//! plans with it; none of them needs to know a pack's code for that. Nothing here reads a file, a clock or a database.

pub mod check;
pub mod formula;
mod json;
pub mod meaning;
pub mod measure;
pub mod pack;
pub mod schema;
pub mod source;
pub mod strict;
mod toml;

pub use check::Fault;
pub use formula::{Answer, Formula, FormulaError, Null, Program};
pub use meaning::{Accumulation, Band, Perspective, Status, Visibility};
pub use measure::{Aggregate, Bound, Comparison, DIVIDED, Filter, Literal, Measure, Shift};
pub use pack::{Direction, Example, Input, Kind, Metric, MinimumSample, Need, NumberType, Output, Pack, Parameter, Texts};
pub use source::{Field, FieldType, Source, SubjectKind};
