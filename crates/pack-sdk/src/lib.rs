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
pub use descriptor::{Descriptor, Section, join, length};
pub use formula::{abs, coalesce, growth, max, min, no_arithmetic_on_literals, round};
pub use metric_abi as abi;
pub use num::Num;

/// What the expansion of [`metric_pack!`](crate::metric_pack) calls; not for people.
#[doc(hidden)]
pub mod expansion {
    pub use crate::border::{Run, evaluate, run};
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
            $($metric:ident($first:ident $(, $rest:ident)* $(,)? $(; $set:ident $(, $sets:ident)* $(,)?)?) = $formula:expr, { $($about:tt)* };)*
        }
    ) => {
        $(
            #[doc = concat!("`", stringify!($formula), "`")]
            #[allow(non_camel_case_types)]
            pub enum $metric {}

            impl $crate::Metric for $metric {
                const INPUTS: usize = [stringify!($first) $(, stringify!($rest))*].len();
                const PARAMETERS: usize = {
                    const NAMES: &[&str] = &[$(stringify!($set) $(, stringify!($sets))*)?];
                    NAMES.len()
                };

                fn row(inputs: &[$crate::Num], parameters: &[$crate::Num]) -> $crate::Num {
                    #[allow(unused_imports)]
                    use $crate::{abs, all, any, choose, coalesce, eq, ge, growth, gt, le, lt, max, min, ne, not, round};
                    const _: () = $crate::no_arithmetic_on_literals(stringify!($formula));
                    let [$first $(, $rest)*] = inputs else { return $crate::Num::Null };
                    let ($first $(, $rest)*,) = (*$first $(, *$rest)*,);
                    let [$($set $(, $sets)*)?] = parameters else { return $crate::Num::Null };
                    // One that only filters compare with is not used here.
                    $(#[allow(unused_variables)] let ($set $(, $sets)*,) = (*$set $(, *$sets)*,);)?
                    $formula
                }
            }
        )*

        /// The metrics in the order of the manifest.
        pub static METRICS: &[$crate::expansion::Run] = &[$($crate::expansion::run::<$metric>),*];

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
                    stringify!($($about)*), "}"
                ),*).split_at(1).1,
                "]}",
            ]
        };

        #[used]
        #[unsafe(link_section = ".cp_manifest")]
        static MANIFEST_SECTION: $crate::Section<{ $crate::length(MANIFEST) }> = $crate::Section::new($crate::join(MANIFEST));

        extern "C" fn evaluate(call: *const $crate::abi::Call, error: *mut $crate::abi::ErrorText) -> i32 {
            $crate::expansion::evaluate(call, error, METRICS)
        }

        #[allow(non_upper_case_globals)]
        #[unsafe(no_mangle)]
        pub static cp_pack_v1: $crate::Descriptor = $crate::Descriptor::new(&MANIFEST_SECTION, METRICS.len(), evaluate, cfg!(panic = "unwind"), cfg!(debug_assertions));
    };
}
