//! Ids as clients see them: opaque, and tagged with the type of what they name.
//!
//! The tag makes an id good for `node(id:)`, and lets an argument that wants a team refuse a customer by name instead of quietly
//! taking the team that happens to have the same number.

use async_graphql::ID;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Fail;

/// Types whose ids have a key behind them, not a number.
const KEYED: [&str; 2] = ["scorecard", "scorecard_node"];

/// The id of a record of the given type.
pub fn encode(tag: &str, id: i64) -> ID {
    encode_key(tag, &id.to_string())
}

/// The id of what has a key for its identity.
pub fn encode_key(tag: &str, key: &str) -> ID {
    ID(URL_SAFE_NO_PAD.encode(format!("{tag}:{key}")))
}

/// The tag and the number of an id.
pub fn decode(id: &str) -> Result<(String, i64), Fail> {
    let (tag, key) = decode_key(id)?;
    match key.parse() {
        Ok(number) => Ok((tag, number)),
        Err(_) if KEYED.contains(&tag.as_str()) => Err(Fail::input(format!("`{id}` is the id of {}, which has no place here", a(&tag)))),
        Err(_) => Err(unknown(id)),
    }
}

/// The tag of an id, and the number or key behind it.
pub fn decode_key(id: &str) -> Result<(String, String), Fail> {
    let bytes = URL_SAFE_NO_PAD.decode(id).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once(':'));
    parts.map(|(tag, key)| (tag.to_owned(), key.to_owned())).ok_or_else(|| unknown(id))
}

/// The error of an id that is none.
pub fn unknown(id: &str) -> Fail {
    Fail::input(format!("`{id}` is not an id that this service has given out"))
}

/// The number of an id that must be of the given type.
pub fn expect(tag: &str, id: &str) -> Result<i64, Fail> {
    let (found, number) = decode(id)?;
    if found == tag {
        return Ok(number);
    }
    Err(Fail::input(format!("`{id}` is the id of {}, where the id of {} is wanted", a(&found), a(tag))))
}

/// The type of a tag, with its article: `an Employee`, `a Team`.
pub fn a(tag: &str) -> String {
    let article = if tag.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {}", crate::meta::pascal(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_as_it_was() {
        assert_eq!(expect("customer", &encode("customer", 42)).ok(), Some(42));
    }

    #[test]
    fn an_id_of_another_type_is_refused_by_name() {
        let fail = expect("employee", &encode("team", 7)).expect_err("a team is no employee");
        assert!(fail.message.ends_with("is the id of a Team, where the id of an Employee is wanted"), "{}", fail.message);
    }

    #[test]
    fn a_key_is_no_number() {
        let id = encode_key("scorecard", "sales:rep");
        assert_eq!(decode_key(&id).ok(), Some(("scorecard".into(), "sales:rep".into())));
        let fail = expect("team", &id).expect_err("a scorecard is no team");
        assert!(fail.message.ends_with("is the id of a Scorecard, which has no place here"), "{}", fail.message);
        assert!(decode(&encode_key("team", "x")).is_err());
    }

    #[test]
    fn a_made_up_id_is_refused() {
        assert!(decode("42").is_err());
        assert!(decode("").is_err());
    }
}
