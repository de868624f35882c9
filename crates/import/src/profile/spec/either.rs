//! Reads what may be written in two ways: a text or a table, one or a list.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{ColumnName, Labels, Many, Map, Scalar, Value, ValueTable};

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Scalar(text)),
            toml::Value::Integer(number) => Ok(Scalar(number.to_string())),
            toml::Value::Boolean(truth) => Ok(Scalar(truth.to_string())),
            toml::Value::Datetime(date) => Ok(Scalar(date.to_string())),
            // A float has already lost the digits that were written; text keeps them.
            toml::Value::Float(_) => Err(D::Error::custom("write a number with decimals as a text, in quotes, so that it stays exact")),
            _ => Err(D::Error::custom("expected a text, a whole number, true, false or a date")),
        }
    }
}

impl<'de> Deserialize<'de> for ColumnName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(name) => Ok(ColumnName::Name(name)),
            toml::Value::Integer(number) if number > 0 => Ok(ColumnName::Number(number as usize)),
            _ => Err(D::Error::custom("expected the name of a column, or its number counted from 1")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the name of a column, its number, or a table such as { column = \"…\" }")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Value, E> {
                Ok(from_column(ColumnName::Name(name.into())))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
                let number = usize::try_from(number).ok().filter(|number| *number > 0);
                number.map(|number| from_column(ColumnName::Number(number))).ok_or_else(|| E::custom("columns are counted from 1"))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                ValueTable::deserialize(MapAccessDeserializer::new(map)).map(Value)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

fn from_column(column: ColumnName) -> Value {
    Value(ValueTable { column: Some(column), ..ValueTable::default() })
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Map;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the name of a map, or a table of values")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Map, E> {
                Ok(Map::Named(name.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Map, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Map::Inline)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Labels;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of columns, or a table from column to label")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Labels, A::Error> {
                let columns = Vec::<String>::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Labels(columns.into_iter().map(|column| (column.clone(), column)).collect()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Labels, A::Error> {
                let labels = BTreeMap::<String, Scalar>::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Labels(labels.into_iter().map(|(column, label)| (column, label.0)).collect()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Many<T>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("one, or a list")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Many<T>, E> {
                T::deserialize(StrDeserializer::new(text)).map(|one| Many(vec![one]))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Many<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Many)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}
