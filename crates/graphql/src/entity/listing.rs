//! Lists of records as they are asked for: conditions, order and part of a list, of all records or below records.
//!
//! One list is asked below many records at once, and all of its pages are read together.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::registry::Registry;
use async_graphql::{Context, InputType, InputValueResult, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::entity::Entity;
use store::page::{Cursor, Order, Query};
use store::predicate::Predicate;
use store::{Row, Selection};

use super::order::{Key, Mark};
use super::{Children, condition, order};
use crate::error::Fail;
use crate::figure::argument;
use crate::limit::DEFAULT_PAGE;
use crate::request::Requested;

/// A list as a field asks for it, of all records or of those that refer to some record by a column.
pub struct Listing {
    selection: Arc<Selection>,
    column: Option<&'static str>,
    filter: Predicate,
    keys: Vec<Key>,
    cut: Cut,
}

/// Which part of the list.
#[derive(Debug)]
struct Cut {
    limit: i64,
    backwards: bool,
    after: Option<String>,
    before: Option<String>,
}

/// A page of a list, as it was read.
pub struct Page {
    /// The page's records, and perhaps one more before or after them.
    read: Arc<[Row]>,
    from: usize,
    pub length: usize,
    /// The place of each in an order by metrics. In an order by columns the record says itself where it stands.
    marks: Vec<Mark>,
    pub more_before: bool,
    pub more_after: bool,
}

/// A cursor also says for which order it was made: under another one it would point anywhere.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    order: String,
    at: T,
}

/// An argument as it was given, for what has no Rust type.
pub struct Given(pub Value);

impl Listing {
    /// The list that a field with the arguments of a connection asks for.
    pub async fn of_field(ctx: &Context<'_>, entity: &'static Entity, column: Option<&'static str>) -> Result<Listing, Fail> {
        let requested = Requested::of(ctx);
        let given = |name| argument::<Given>(ctx, name).map(|given| given.0).map_err(|error| Fail::input(error.message));
        let conditions = given("where")?;
        condition::check_size(&conditions)?;
        let filter = condition::predicate(requested, entity, &conditions).await?;
        let keys = order::keys(requested, entity, &given("orderBy")?)?;
        let cut = Cut::of(
            number(&given("first")?),
            number(&given("last")?),
            text(given("after")?),
            text(given("before")?),
            requested.limits.page,
        )?;
        Ok(Listing { selection: requested.selection(entity), column, filter, keys, cut })
    }

    pub fn entity(&self) -> &'static Entity {
        self.selection.entity()
    }

    /// The page below each parent.
    pub async fn pages(&self, requested: &Requested, parents: &[Option<i64>]) -> Vec<Result<Page, Fail>> {
        let columns = self.keys.iter().map(|key| match key {
            Key::Column(column, order) => Some((*column, *order)),
            Key::Metric(..) => None,
        });
        let Some(columns) = columns.collect::<Option<Vec<_>>>() else {
            return join_all(parents.iter().map(|parent| self.page_by_metrics(requested, *parent))).await;
        };
        let read = match self.query(columns) {
            Ok(query) => self.read(requested, query, parents).await,
            Err(fail) => Err(fail),
        };
        match read {
            Ok(read) => read.into_iter().map(|rows| Ok(self.cut.page(rows, Vec::new()))).collect(),
            Err(fail) => parents.iter().map(|_| Err(fail.clone())).collect(),
        }
    }

    fn query(&self, order: Vec<(&'static str, Order)>) -> Result<Query, Fail> {
        Ok(Query {
            filter: self.filter.clone(),
            after: self.cut.after.as_deref().map(|cursor| self.open::<Cursor>(cursor)).transpose()?,
            before: self.cut.before.as_deref().map(|cursor| self.open::<Cursor>(cursor)).transpose()?,
            order,
            // One more than asked for tells whether there are more.
            limit: Some(self.cut.limit + 1),
            backwards: self.cut.backwards,
        })
    }

    /// The rows below each parent, all read together.
    async fn read(&self, requested: &Requested, query: Query, parents: &[Option<i64>]) -> Result<Vec<Arc<[Row]>>, Fail> {
        match self.column {
            None => Ok(vec![requested.page(&self.selection, &query).await?]),
            Some(column) => {
                let children = Children { selection: self.selection.clone(), column, query: Arc::new(query) };
                requested.children(&children, parents).await
            }
        }
    }

    /// Every record that meets the filter is valued: an order by metric has no index.
    async fn page_by_metrics(&self, requested: &Requested, parent: Option<i64>) -> Result<Page, Fail> {
        let ids = self.ids(requested, parent).await?;
        let mut marks = order::marks(requested, self.entity(), &ids, &self.keys).await?;
        if let Some(after) = &self.cut.after {
            let after: Mark = self.open(after)?;
            marks.retain(|mark| mark.compare(&after, &self.keys).is_gt());
        }
        if let Some(before) = &self.cut.before {
            let before: Mark = self.open(before)?;
            marks.retain(|mark| mark.compare(&before, &self.keys).is_lt());
        }
        let kept = usize::try_from(self.cut.limit + 1).unwrap_or(usize::MAX).min(marks.len());
        let marks = if self.cut.backwards { marks.split_off(marks.len() - kept) } else { marks[..kept].to_vec() };
        let ids: Vec<i64> = marks.iter().map(|mark| mark.id).collect();
        let rows = requested.rows(self.entity(), &ids).await?;
        let found = rows.into_iter().zip(marks).filter_map(|(row, mark)| row.map(|row| (Row::clone(&row), mark)));
        let (rows, marks): (Vec<Row>, Vec<Mark>) = found.unzip();
        Ok(self.cut.page(rows.into(), marks))
    }

    /// All records of the list. Those of a parent are read with those of its siblings.
    async fn ids(&self, requested: &Requested, parent: Option<i64>) -> Result<Vec<i64>, Fail> {
        match (self.column, super::subject_kind(self.entity())) {
            (None, Some(kind)) => requested.matching(kind, &self.filter).await,
            (None, None) => Err(Fail::input(format!("a {} is not measured", self.entity().name))),
            (Some(column), _) => {
                let rows = requested.children(&self.all(column), &[parent]).await?;
                Ok(rows.iter().flat_map(|rows| rows.iter()).map(Row::id).collect())
            }
        }
    }

    /// How many records the list has below each parent, all counted together.
    pub async fn totals(&self, requested: &Requested, parents: &[Option<i64>]) -> Result<Vec<i64>, Fail> {
        match self.column {
            None => Ok(vec![requested.count(self.entity(), &self.filter).await?]),
            Some(column) => requested.child_counts(&self.all(column), parents).await,
        }
    }

    /// All records below a parent, whatever part of them is shown.
    fn all(&self, column: &'static str) -> Children {
        let query = Query { filter: self.filter.clone(), ..Query::default() };
        Children { selection: self.selection.clone(), column, query: Arc::new(query) }
    }

    /// What a cursor of this list says of its order.
    fn order(&self) -> String {
        let keys = self.keys.iter().map(Key::name).collect::<Vec<_>>().join(",");
        format!("{}:{keys}", self.entity().name)
    }

    /// Made for the records that somebody asks it of: most pages are read to their end, or never continued.
    pub fn cursor(&self, page: &Page, at: usize) -> Result<String, Fail> {
        if let Some(mark) = page.marks.get(page.from + at) {
            return self.seal(mark);
        }
        let row = &page.rows()[at];
        let columns = self.keys.iter().filter_map(|key| match key {
            Key::Column(column, order) => Some((*column, *order)),
            Key::Metric(..) => None,
        });
        self.seal(&Cursor::of(row, &columns.collect::<Vec<_>>()))
    }

    fn seal<T: Serialize>(&self, at: &T) -> Result<String, Fail> {
        let sealed = Sealed { order: self.order(), at };
        let json = serde_json::to_vec(&sealed).map_err(|error| Fail::internal("a cursor cannot be written", &error))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    fn open<T: DeserializeOwned>(&self, cursor: &str) -> Result<T, Fail> {
        let unknown = || Fail::input(format!("`{cursor}` is not a cursor that this list has given out"));
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| unknown())?;
        let sealed: Sealed<serde_json::Value> = serde_json::from_slice(&json).map_err(|_| unknown())?;
        if sealed.order != self.order() {
            return Err(Fail::input(format!(
                "`{cursor}` is a cursor of another list or another `orderBy`: it holds for `{}`, not `{}`",
                sealed.order,
                self.order()
            )));
        }
        serde_json::from_value(sealed.at).map_err(|_| unknown())
    }
}

impl Cut {
    fn of(first: Option<i64>, last: Option<i64>, after: Option<String>, before: Option<String>, most: i64) -> Result<Cut, Fail> {
        let (limit, backwards, name) = match (first, last) {
            (Some(_), Some(_)) => return Err(Fail::input("`first` and `last` cannot both be given")),
            (None, Some(last)) => (last, true, "last"),
            (first, None) => (first.unwrap_or(DEFAULT_PAGE.min(most)), false, "first"),
        };
        if !(0..=most).contains(&limit) {
            return Err(Fail::input(format!("`{name}` is {limit}; a page has 0 to {most} records")));
        }
        Ok(Cut { limit, backwards, after, before })
    }

    /// The page, from its rows and perhaps one more.
    fn page(&self, read: Arc<[Row]>, marks: Vec<Mark>) -> Page {
        let length = usize::try_from(self.limit).unwrap_or(usize::MAX).min(read.len());
        let (more, spare) = (read.len() > length, read.len() - length);
        let (more_before, more_after) = if self.backwards { (more, self.before.is_some()) } else { (self.after.is_some(), more) };
        Page { read, from: if self.backwards { spare } else { 0 }, length, marks, more_before, more_after }
    }
}

impl Page {
    pub fn rows(&self) -> &[Row] {
        &self.read[self.from..self.from + self.length]
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

impl InputType for Given {
    type RawValueType = Value;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Given")
    }

    fn create_type_info(_registry: &mut Registry) -> String {
        Self::qualified_type_name()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        Ok(Given(value.unwrap_or_default()))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }

    fn as_raw_value(&self) -> Option<&Value> {
        Some(&self.0)
    }
}
