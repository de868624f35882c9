//! The one crate that the author of a metric pack imports: exact numbers and an export macro.
//!
//! A pack states its inputs once, by name, and each metric as a definition over them:
//!
//! ```text
//! pack_sdk::metric_pack! {
//!     id: "acme",
//!     title: { "en": "Acme" },
//!     inputs: {
//!         won: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
//!         lost: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "LOST" } } },
//!     },
//!     metrics: {
//!         win_rate(won, lost) = won / (won + lost), {
//!             "title": { "en": "Win rate" }, "description": { "en": "Won opportunities over those closed in the period." },
//!             "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "CRM practice"
//!         };
//!     }
//! }
//! ```
//!
//! in a crate of type `cdylib`. The formula is compiled as Rust over [`Num`], and its very text stands in the manifest, so that
//! what people read is what is computed. It is a formula of the language in `crates/manifest/FORMULA.md`, in the spelling that
//! is Rust as well: `+ - * /`, numbers, parentheses, [`min`], [`max`], [`abs`], [`round`], [`coalesce`], [`growth`], and for choices
//! [`choose`] with [`lt`], [`le`], [`gt`], [`ge`], [`eq`], [`ne`], [`all`], [`any`] and [`not`]: `choose(ge(n, minimum), sum / n, 0)`.
//! JSON strings follow JSON's rules for escapes, and there is no comma after the last entry.
//!
//! Numbers that whoever asks for a metric may set are declared once too, and listed behind the inputs:
//!
//! ```text
//!     parameters: {
//!         prior: { "description": { "en": "Phantom losses." }, "type": "integer", "default": 2, "min": 0, "max": 100 },
//!     },
//!     metrics: {
//!         win_rate(won, lost; prior) = won / (won + lost + prior), { … };
//!     }
//! ```
//!
//! The filter of an input may compare with a parameter, in the place of a number: `"where": { "age": { "gt": { "parameter": "old" } } }`. Each
//! metric that takes such an input lists the parameter, be it used in the formula or not.
//!
//! What has to be estimated is computed in floats by code of its own ([`RowMetric`]), named behind the formula that it is held to:
//!
//! ```text
//!         odds(won, lost) = won / lost, float Odds, { … };
//! ```
//!
//! What else the manifest says of the whole pack, its vendor, homepage and licence, stands in `about: { "vendor": "Acme" },` behind
//! the title.
//!
//! Behind each definition stands an implementation of [`Metric`]; the macro writes nothing else that an author would see.
//!
//! `GUIDE.md` beside this crate's sources tells all that a pack may say, how it is tested, signed and shipped, and what the service protects
//! itself from; `TUTORIAL.md` goes from an empty folder to a field of the API.

#[allow(unsafe_code)]
mod border;
mod condition;
#[allow(unsafe_code)]
mod descriptor;
mod formula;
mod num;

pub use condition::{Condition, all, any, choose, eq, ge, gt, le, lt, ne, not};
pub use descriptor::{Descriptor, Section, join, length, minor};
pub use formula::{abs, coalesce, growth, max, min, no_arithmetic_on_literals, round};
pub use metric_abi as abi;
pub use num::Num;

/// What the expansion of [`metric_pack!`](crate::metric_pack) calls; not for people.
#[doc(hidden)]
pub mod expansion {
    pub use crate::border::{Run, evaluate, mantissa, run, run_floats};
}

/// One metric: a value from the inputs of one row. No state, no side effects; the same inputs always give the same value.
pub trait Metric {
    /// How many inputs its manifest lists.
    const INPUTS: usize;
    /// How many parameters its manifest lists.
    const PARAMETERS: usize = 0;

    /// The inputs and the parameters come in the order of the manifest. [`Num::Null`] is "no value"; a parameter always has one.
    fn row(inputs: &[Num], parameters: &[Num]) -> Num;
}

/// A metric that is computed in floats, of `N` inputs and `P` parameters, each the nearest double: for what has to be estimated and not
/// counted, such as a probability. Never money.
pub trait RowMetric<const N: usize, const P: usize = 0> {
    /// Where an input has no value the metric has none, and is not asked. `None` is "no value"; what is no number or infinite fails the
    /// batch with its row.
    fn row(inputs: [f64; N], parameters: [f64; P]) -> Option<f64>;
}

/// Defines and exports a pack: see the head of this crate.
#[macro_export]
macro_rules! metric_pack {
    (
        id: $id:literal,
        title: { $($title:tt)* },
        $(about: { $($pack:tt)* },)?
        inputs: { $($input:ident: { $($need:tt)* }),* $(,)? },
        $(parameters: { $($parameter:ident: { $($range:tt)* }),* $(,)? },)?
        metrics: {
            $($metric:ident($first:ident $(, $rest:ident)* $(,)? $(; $set:ident $(, $sets:ident)* $(,)?)?) = $formula:expr, $($float:ident $code:ty,)? { $($about:tt)* };)*
        }
    ) => {
        $($crate::exact_metric! {
            $($float)? $metric($first $(, $rest)*; $($set $(, $sets)*)?) = $formula
        })*

        /// The metrics in the order of the manifest.
        pub static METRICS: &[$crate::expansion::Run] = &[$($crate::run_of!($metric($first $(, $rest)*; $($set $(, $sets)*)?) $($code)?)),*];

        /// The pack's manifest, as it stands in its section.
        pub const MANIFEST: &[&str] = {
            macro_rules! input {
                $(($input) => { concat!("{\"name\":\"", stringify!($input), "\",", stringify!($($need)*), "}") };)*
            }
            #[allow(unused_macros)]
            macro_rules! parameter {
                () => {};
                $($(($parameter) => { concat!("{\"name\":\"", stringify!($parameter), "\",", stringify!($($range)*), "}") };)*)?
            }
            &[
                concat!("{\"cp_manifest\":1,\"id\":", stringify!($id), ",\"version\":\"", env!("CARGO_PKG_VERSION"), "\",\"title\":{", stringify!($($title)*), "},", $(stringify!($($pack)*), ",",)? "\"metrics\":["),
                concat!($(
                    ",{\"key\":\"", stringify!($metric), "\",\"formula\":\"", stringify!($formula), "\",\"inputs\":[",
                    input!($first), $(",", input!($rest),)* "],",
                    $("\"parameters\":[", parameter!($set), $(",", parameter!($sets),)* "],",)?
                    $("\"output\":{\"type\":\"", stringify!($float), "\"},",)? stringify!($($about)*), "}"
                ),*).split_at(1).1,
                "]}",
            ]
        };

        #[used]
        #[unsafe(link_section = ".cp_manifest")]
        static MANIFEST_SECTION: $crate::Section<{ $crate::length(MANIFEST) }> = $crate::Section::new($crate::join(MANIFEST), MINOR);

        /// The least minor version of the border that it needs.
        const MINOR: u16 = $crate::minor(
            &[$(stringify!($($need)*)),*],
            &[$($(stringify!($($range)*)),*)?],
            &[$(concat!($("\"output\"", stringify!($float),)? stringify!($($about)*))),*],
        );

        extern "C" fn evaluate(call: *const $crate::abi::Call, error: *mut $crate::abi::ErrorText) -> i32 {
            $crate::expansion::evaluate(call, error, METRICS)
        }

        #[allow(non_upper_case_globals)]
        #[unsafe(no_mangle)]
        pub static cp_pack_v1: $crate::Descriptor = $crate::Descriptor::new(&MANIFEST_SECTION, METRICS.len(), evaluate, cfg!(panic = "unwind"), cfg!(debug_assertions));
    };
}

/// The code of a metric that is its formula: not for people.
#[doc(hidden)]
#[macro_export]
macro_rules! exact_metric {
    ($metric:ident($first:ident $(, $rest:ident)*; $($set:ident),*) = $formula:expr) => {
        #[doc = concat!("`", stringify!($formula), "`")]
        #[allow(non_camel_case_types)]
        pub enum $metric {}

        impl $crate::Metric for $metric {
            const INPUTS: usize = $crate::count!($first $($rest)*);
            const PARAMETERS: usize = $crate::count!($($set)*);

            fn row(inputs: &[$crate::Num], parameters: &[$crate::Num]) -> $crate::Num {
                #[allow(unused_imports)]
                use $crate::{abs, all, any, choose, coalesce, eq, ge, growth, gt, le, lt, max, min, ne, not, round};
                const _: () = $crate::no_arithmetic_on_literals(stringify!($formula));
                let [$first $(, $rest)*] = inputs else { return $crate::Num::Null };
                let ($first $(, $rest)*,) = (*$first $(, *$rest)*,);
                let [$($set),*] = parameters else { return $crate::Num::Null };
                // One that only filters compare with is not used here.
                $(#[allow(unused_variables)] let $set = *$set;)*
                $formula
            }
        }
    };
    // One that has code of its own.
    ($float:ident $metric:ident($($names:tt)*) = $formula:expr) => {};
}

/// What evaluates a metric: not for people.
#[doc(hidden)]
#[macro_export]
macro_rules! run_of {
    ($metric:ident($($input:ident),*; $($set:ident),*)) => { $crate::expansion::run::<$metric> };
    ($metric:ident($($input:ident),*; $($set:ident),*) $code:ty) => {
        $crate::expansion::run_floats::<$code, { $crate::count!($($input)*) }, { $crate::count!($($set)*) }>
    };
}

/// How many names there are: not for people.
#[doc(hidden)]
#[macro_export]
macro_rules! count {
    ($($name:ident)*) => {{
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        NAMES.len()
    }};
}
