//! The one place where columns are listed: what a load may fill, what a page may filter and order by, what a row holds.
//!
//! Every entity is a table with an `id` of ours and an `external_key` of the source system's. Those two are in every entity and
//! so in no list. A test compares what is said here with the tables of both databases.

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
use manifest::SubjectKind;
use rust_decimal::prelude::ToPrimitive;

use crate::statement::Readable;
use crate::value::{Instant, Money, Number, Seconds, Value};

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

/// A row of an entity as a type of its own.
pub trait Record: Readable + Clone {
    const ENTITY: &'static Entity;

    fn id(&self) -> i64;
    fn external_key(&self) -> &str;

    /// The value in the column of that name; a reference as an id. None where there is no such column.
    fn value(&self, column: &str) -> Option<Value>;
}

/// A Rust type that a column can have.
pub(crate) trait Stored: Sized {
    const TYPE: ColumnType;
    const REQUIRED: bool;

    fn read<'a, DB: Backend>(row: &impl NamedRow<'a, DB>, column: &str) -> deserialize::Result<Self>
    where
        i64: FromSql<BigInt, DB>,
        String: FromSql<Text, DB>,
        NaiveDate: FromSql<Date, DB>,
        bool: FromSql<Bool, DB>;

    fn value(&self) -> Value;
}

macro_rules! stored {
    ($($rust:ty, $sql:ty, $column_type:ident, $this:ident => $value:expr;)*) => {$(
        impl Stored for $rust {
            const TYPE: ColumnType = ColumnType::$column_type;
            const REQUIRED: bool = true;

            stored!(@read $sql);

            fn value(&self) -> Value {
                let $this = self;
                $value
            }
        }

        impl Stored for Option<$rust> {
            const TYPE: ColumnType = ColumnType::$column_type;
            const REQUIRED: bool = false;

            stored!(@read Nullable<$sql>);

            fn value(&self) -> Value {
                self.as_ref().map_or(Value::Null, Stored::value)
            }
        }
    )*};
    (@read $sql:ty) => {
        fn read<'a, DB: Backend>(row: &impl NamedRow<'a, DB>, column: &str) -> deserialize::Result<Self>
        where
            i64: FromSql<BigInt, DB>,
            String: FromSql<Text, DB>,
            NaiveDate: FromSql<Date, DB>,
            bool: FromSql<Bool, DB>,
        {
            NamedRow::get::<$sql, Self>(row, column)
        }
    };
}

stored! {
    String, Text, Text, this => Value::Text(this.clone());
    i64, BigInt, Integer, this => Value::Integer(*this);
    bool, Bool, Bool, this => Value::Bool(*this);
    NaiveDate, Date, Day, this => Value::Day(*this);
    Instant, BigInt, Instant, this => Value::Integer(this.micros());
    // What came out of a column of integers is that integer again at its scale.
    Money, BigInt, Money, this => Value::Integer(this.0.mantissa().to_i64().unwrap_or_default());
    Number, BigInt, Number, this => Value::Integer(this.0.mantissa().to_i64().unwrap_or_default());
    Seconds, BigInt, Duration, this => Value::Integer(this.0.mantissa().to_i64().unwrap_or_default());
}

/// `customer_id` is called `customer` by people.
pub(crate) const fn spoken(sql: &'static str) -> &'static str {
    match sql.as_bytes() {
        [.., b'_', b'i', b'd'] => sql.split_at(sql.len() - 3).0,
        _ => sql,
    }
}

/// States an entity once: gives its descriptor and its row type.
macro_rules! record {
    (
        #[doc = $about:literal]
        $row:ident, $descriptor:ident = $name:literal in $table:literal {
            $(#[doc = $column_about:literal] $field:ident: $rust:ty $(= $kind:ident($($of:literal),*))? $(, or $default:literal)? $(, derived $derived:literal)?;)*
        }
        $(rule $at:literal: $holds:literal, $reason:literal;)*
    ) => {
        #[doc = $about]
        #[derive(Clone, Debug, PartialEq)]
        pub struct $row {
            pub id: i64,
            /// The source system's key.
            pub external_key: String,
            $(#[doc = $column_about] pub $field: $rust,)*
        }

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

        impl<DB: Backend> QueryableByName<DB> for $row
        where
            i64: FromSql<BigInt, DB>,
            String: FromSql<Text, DB>,
            NaiveDate: FromSql<Date, DB>,
            bool: FromSql<Bool, DB>,
        {
            fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
                Ok($row {
                    id: Stored::read(row, "id")?,
                    external_key: Stored::read(row, "external_key")?,
                    $($field: Stored::read(row, stringify!($field))?,)*
                })
            }
        }

        impl Record for $row {
            const ENTITY: &'static Entity = &$descriptor;

            fn id(&self) -> i64 {
                self.id
            }

            fn external_key(&self) -> &str {
                &self.external_key
            }

            fn value(&self, column: &str) -> Option<Value> {
                match column {
                    "id" => Some(self.id.value()),
                    "external_key" => Some(self.external_key.value()),
                    $(_ if column == const { spoken(stringify!($field)) } => Some(self.$field.value()),)*
                    _ => None,
                }
            }
        }
    };
    (@type $rust:ty) => { <$rust as Stored>::TYPE };
    (@type $rust:ty, one_of($($of:literal),*)) => { ColumnType::OneOf(&[$($of),*]) };
    (@type $rust:ty, to($of:literal)) => { ColumnType::Reference($of) };
    (@type $rust:ty, subject()) => { ColumnType::Subject };
    (@default) => { None::<&'static str> };
    (@default $default:literal) => { Some($default) };
}

pub(crate) use record;
