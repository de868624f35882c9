//! The one place where columns are listed: what a load may fill, what a page may filter and order by, what a row holds.
//!
//! Every entity is a table with an `id` of ours and an `external_key` of the source system's. Those two are in every entity and
//! so in no list. A test compares what is said here with the tables of both databases.

use chrono::NaiveDate;
use manifest::SubjectKind;

#[derive(Debug)]
pub struct Entity {
    pub name: &'static str,
    pub table: &'static str,
    pub about: &'static str,
    pub columns: &'static [Column],
    pub rules: &'static [Rule],
}

#[derive(Debug)]
pub struct Column {
    /// The name for people and mappings; for a reference without `_id`.
    pub name: &'static str,
    pub sql: &'static str,
    pub column_type: ColumnType,
    /// Must be given for a new record.
    pub required: bool,
    /// What a new record gets where nothing is given, as a SQL literal.
    pub default: Option<&'static str>,
    /// Where nothing is given it follows from other records; the SQL column that says whether it does.
    pub derived: Option<&'static str>,
    pub about: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    Text,
    OneOf(&'static [&'static str]),
    Money,
    Number,
    Integer,
    Duration,
    Instant,
    Day,
    Bool,
    /// A record of the named entity.
    Reference(&'static str),
    /// A record of the entity that the column `subject_kind` names; nothing for the organisation.
    Subject,
}

/// What has to hold between the columns of one record; the tables check the same.
#[derive(Debug)]
pub struct Rule {
    /// The column that a violation is reported at.
    pub column: &'static str,
    /// Over the names of the SQL columns.
    pub holds: &'static str,
    pub reason: &'static str,
}

impl Entity {
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What people know a record by: its name, or else its key.
    pub fn label(&self) -> &'static str {
        if self.column("name").is_some_and(|column| column.required) { "name" } else { "external_key" }
    }
}

impl PartialEq for Entity {
    fn eq(&self, other: &Entity) -> bool {
        self.name == other.name
    }
}

/// Every entity, such that each comes after those it refers to.
pub fn entities() -> &'static [&'static Entity] {
    crate::record::ENTITIES
}

pub fn entity(name: &str) -> Option<&'static Entity> {
    entities().iter().copied().find(|entity| entity.name == name)
}

/// The entity whose records are subjects of this kind; none for the organisation.
pub fn subject_entity(kind: SubjectKind) -> Option<&'static Entity> {
    entity(&kind.name().to_ascii_lowercase())
}

/// What a column holds and whether it may be unknown, said in `record!` as a Rust type.
pub(crate) trait Stored {
    const TYPE: ColumnType;
    const REQUIRED: bool = true;
}

/// A point in time.
pub(crate) struct Instant;
/// An amount in the organisation's currency.
pub(crate) struct Money;
/// A number without a currency.
pub(crate) struct Number;
/// A span of time.
pub(crate) struct Seconds;

impl<T: Stored> Stored for Option<T> {
    const TYPE: ColumnType = T::TYPE;
    const REQUIRED: bool = false;
}

macro_rules! stored {
    ($($rust:ty: $column_type:ident),*) => {$(
        impl Stored for $rust {
            const TYPE: ColumnType = ColumnType::$column_type;
        }
    )*};
}

stored!(String: Text, i64: Integer, bool: Bool, NaiveDate: Day, Instant: Instant, Money: Money, Number: Number, Seconds: Duration);

/// `customer_id` is called `customer` by people.
pub(crate) const fn spoken(sql: &'static str) -> &'static str {
    match sql.as_bytes() {
        [.., b'_', b'i', b'd'] => sql.split_at(sql.len() - 3).0,
        _ => sql,
    }
}

/// States an entity once: gives its descriptor.
macro_rules! record {
    (
        #[doc = $about:literal]
        $descriptor:ident = $name:literal in $table:literal {
            $(#[doc = $column_about:literal] $field:ident: $rust:ty $(= $kind:ident($($of:literal),*))? $(, or $default:literal)? $(, derived $derived:literal)?;)*
        }
        $(rule $at:literal: $holds:literal, $reason:literal;)*
    ) => {
        #[doc = $about]
        pub static $descriptor: Entity = Entity {
            name: $name,
            table: $table,
            about: $about.trim_ascii(),
            columns: &[$(Column {
                name: spoken(stringify!($field)),
                sql: stringify!($field),
                column_type: record!(@type $rust $(, $kind($($of),*))?),
                required: <$rust as Stored>::REQUIRED && record!(@default $($default)?).is_none(),
                default: record!(@default $($default)?),
                derived: record!(@default $($derived)?),
                about: $column_about.trim_ascii(),
            },)*],
            rules: &[$(Rule { column: $at, holds: $holds, reason: $reason },)*],
        };
    };
    (@type $rust:ty) => { <$rust as Stored>::TYPE };
    (@type $rust:ty, one_of($($of:literal),*)) => { ColumnType::OneOf(&[$($of),*]) };
    (@type $rust:ty, to($of:literal)) => { ColumnType::Reference($of) };
    (@type $rust:ty, subject()) => { ColumnType::Subject };
    (@default) => { None::<&'static str> };
    (@default $default:literal) => { Some($default) };
}

pub(crate) use record;
