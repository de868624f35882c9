//! Small helps to write SQL: values that are bound, joins that are used, lines that are readable.

use std::fmt::Write;

use crate::statement::{Bind, Statement};

/// Marks a bound value until the statement is whole: placeholders must be numbered in the order of their first use, and the
/// parts of a statement are not made in the order in which they stand.
const MARK: char = '\u{1}';

/// The values bound in a statement. The same value is bound once.
#[derive(Default)]
pub(super) struct Binds(Vec<Bind>);

impl Binds {
    /// Something to write where the value belongs.
    pub fn text(&mut self, text: &str) -> String {
        self.value(Bind::Text(text.to_owned()))
    }

    pub fn integer(&mut self, integer: i64) -> String {
        self.value(Bind::BigInt(integer))
    }

    fn value(&mut self, value: Bind) -> String {
        let index = self.0.iter().position(|known| *known == value).unwrap_or_else(|| {
            self.0.push(value);
            self.0.len() - 1
        });
        format!("{MARK}{index}{MARK}")
    }

    pub fn statement(self, marked: &str) -> Statement {
        let mut order: Vec<usize> = Vec::new();
        let mut text = String::with_capacity(marked.len());
        for (at, piece) in marked.split(MARK).enumerate() {
            if at % 2 == 0 {
                text.push_str(piece);
                continue;
            }
            let index: usize = piece.parse().expect("only our own marks stand between marks");
            let place = order.iter().position(|known| *known == index).unwrap_or_else(|| {
                order.push(index);
                order.len() - 1
            });
            write!(text, "${}", place + 1).expect("a string takes everything");
        }
        let binds = order.into_iter().map(|index| self.0[index].clone()).collect();
        Statement { text, binds, kept: false }
    }
}

/// The statement with its values in it, for people to read and to paste.
pub(super) fn readable(statement: &Statement) -> String {
    let mut pieces = statement.text.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let place: Option<usize> = piece[..digits].parse().ok();
        match place.and_then(|place| statement.binds.get(place - 1)) {
            Some(Bind::Text(value)) => write!(text, "'{}'{}", value.replace('\'', "''"), &piece[digits..]),
            Some(Bind::BigInt(value)) => write!(text, "{value}{}", &piece[digits..]),
            _ => write!(text, "${piece}"),
        }
        .expect("a string takes everything");
    }
    text
}

/// In brackets, unless it is a name or a call.
pub(super) fn bracketed(sql: &str) -> String {
    if sql.contains(' ') && !sql.starts_with("COALESCE(") { format!("({sql})") } else { sql.to_owned() }
}

/// The joins whose aliases the text mentions, and those that they build on.
pub(super) fn joins_for(text: &str, joins: &[(&str, &str)]) -> Vec<String> {
    let mut text = text.to_owned();
    let mut used = Vec::new();
    for (alias, join) in joins.iter().rev() {
        if mentions(&text, alias) {
            text.push_str(join);
            used.push((*join).to_owned());
        }
    }
    used.reverse();
    used
}

fn mentions(text: &str, alias: &str) -> bool {
    let name = format!("{alias}.");
    text.match_indices(&name).any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

pub(super) fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_as_they_appear_and_equal_texts_share_one() {
        let mut binds = Binds::default();
        let (won, lost) = (binds.text("WON"), binds.text("LOST"));
        let again = binds.text("WON");
        let statement = binds.statement(&format!("a = {lost} OR a = {won} OR b = {again}"));
        assert_eq!(statement.text, "a = $1 OR a = $2 OR b = $2");
        assert_eq!(statement.binds, [Bind::Text("LOST".into()), Bind::Text("WON".into())]);
        assert_eq!(readable(&statement), "a = 'LOST' OR a = 'WON' OR b = 'WON'");
    }

    #[test]
    fn a_join_brings_those_it_builds_on_and_no_others() {
        let joins = [("o", "JOIN b AS o ON o.id = f.o_id"), ("e", "JOIN c AS e ON e.id = o.e_id"), ("g", "JOIN d AS g ON TRUE")];
        assert_eq!(joins_for("SELECT e.x", &joins), [joins[0].1, joins[1].1]);
        assert!(joins_for("SELECT some.x FROM f", &joins).is_empty());
    }
}
