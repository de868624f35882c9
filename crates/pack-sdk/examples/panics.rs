//! A pack whose metrics panic, for the tests of the loader: what a metric does wrong is its own fault and nobody else's. No
//! formula panics, so this one says by hand what `metric_pack!` would write.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::panic::panic_any;

use pack_sdk::expansion::{Run, evaluate as answer, run};
use pack_sdk::{Descriptor, Metric, Num, Section, abi, join, length};

enum Sound {}

impl Metric for Sound {
    const INPUTS: usize = 1;

    fn row(inputs: &[Num], _: &[Num]) -> Num {
        inputs[0]
    }
}

enum OutOfBounds {}

impl Metric for OutOfBounds {
    const INPUTS: usize = 1;

    fn row(inputs: &[Num], _: &[Num]) -> Num {
        inputs[black_box(4001)]
    }
}

/// Panics, and its payload panics when dropped.
enum DroppedBadly {}

struct Payload;

impl Drop for Payload {
    fn drop(&mut self) {
        panic!("dropped")
    }
}

impl Metric for DroppedBadly {
    const INPUTS: usize = 1;

    fn row(_: &[Num], _: &[Num]) -> Num {
        panic_any(Payload)
    }
}

macro_rules! metric {
    ($key:literal) => {
        concat!(
            "{\"key\":\"",
            $key,
            r#"","title":{"en":"Test"},"description":{"en":"Test."},"kind":"count","unit":"count","direction":"up","class":"NQSR-T/CUS",
            "source":"test","formula":"a","inputs":[{"name":"a","measure":{"agg":"count","source":"orders"}}]}"#
        )
    };
}

const MANIFEST: &[&str] = &[
    r#"{"cp_manifest":1,"id":"panics","version":"1.0.0","title":{"en":"Panics"},"metrics":["#,
    metric!("sound"),
    ",",
    metric!("out_of_bounds"),
    ",",
    metric!("dropped_badly"),
    "]}",
];

static METRICS: &[Run] = &[run::<Sound>, run::<OutOfBounds>, run::<DroppedBadly>];

#[used]
#[unsafe(link_section = ".cp_manifest")]
static SECTION: Section<{ length(MANIFEST) }> = Section::new(join(MANIFEST), 0);

extern "C" fn evaluate(call: *const abi::Call, error: *mut abi::ErrorText) -> i32 {
    answer(call, error, METRICS)
}

#[allow(non_upper_case_globals)]
#[unsafe(no_mangle)]
pub static cp_pack_v1: Descriptor = Descriptor::new(&SECTION, METRICS.len(), evaluate, cfg!(panic = "unwind"), cfg!(debug_assertions));
