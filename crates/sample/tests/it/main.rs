//! What the generated company promises: the same bytes every time, whole references, and something to see for every metric.

mod determinism;
mod file;
mod fill;
mod integrity;
mod story;
mod table;
