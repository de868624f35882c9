//! `counterpoise pack new`: a folder with a pack that works, to be changed into one's own.
//!
//! What it writes are the repository's own example packs (`plugins/examples`) under another name, with what they find elsewhere in the
//! repository beside them: the SDK's sources for Rust, the header for C. The SDK is in no package registry; a partner has this
//! binary and a compiler, and gets the sources that the binary was built with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cli::{Language, PackNew};
use crate::serve::announce;

mod sdk {
    include!(concat!(env!("OUT_DIR"), "/sdk.rs"));
}

/// A file of an example: its path in the new folder, and its text.
type Text = (&'static str, &'static str);

macro_rules! example {
    ($kind:literal: $($file:literal)*) => {
        &[$(($file, include_str!(concat!("../../../../../plugins/examples/", $kind, "/", $file)))),*]
    };
}

/// An example pack: what it is called, its files, and what stands in them for a place in the repository.
struct Example {
    name: &'static str,
    files: &'static [Text],
    places: &'static [(&'static str, &'static str)],
    next: &'static str,
}

static RUST: Example = Example {
    name: "acme-visits",
    files: example!("rust": "Cargo.toml" "README.md" ".gitignore" "src/lib.rs"),
    places: &[("../../../crates/", "sdk/")],
    next: "cargo build --release\n  counterpoise pack check target/release/libacme_visits.so",
};

static C: Example = Example {
    name: "acme-calls",
    files: example!("c": "Makefile" "README.md" ".gitignore" "pack.c"),
    places: &[("../../../crates/metric-abi/include", "."), ("../../../crates/pack-sdk/", "")],
    next: "make\n  counterpoise pack check acme_calls.so",
};

static TOML: Example = Example {
    name: "acme-meetings",
    files: example!("toml": "pack.toml" "README.md"),
    places: &[],
    next: "counterpoise pack check pack.toml",
};

const HEADER: Text = ("counterpoise_pack.h", include_str!("../../../../metric-abi/include/counterpoise_pack.h"));
const GUIDE: [Text; 3] = [
    ("GUIDE.md", include_str!("../../../../pack-sdk/GUIDE.md")),
    ("TUTORIAL.md", include_str!("../../../../pack-sdk/TUTORIAL.md")),
    ("FORMULA.md", include_str!("../../../../manifest/FORMULA.md")),
];

/// The SDK's crates as they stand outside their workspace; a test builds with them.
const MANIFESTS: [Text; 2] = [("metric-abi", include_str!("new/metric-abi.toml")), ("pack-sdk", include_str!("new/pack-sdk.toml"))];

/// Names of crates that Rust keeps for itself.
const RUST_KEEPS: [&str; 5] = ["alloc", "core", "proc-macro", "std", "test"];

pub fn run(new: &PackNew) -> Result<()> {
    let name = Name::try_new(&new.name)?;
    let folder = PathBuf::from(&new.name);
    if folder.symlink_metadata().is_ok() {
        bail!("{} is there already, and is left as it is: give another name, or remove it", folder.display());
    }
    let (example, beside) = match new.lang {
        _ if new.toml => (&TOML, owned(&GUIDE)),
        Language::Rust => (&RUST, sdk()),
        Language::C => (&C, owned(&[&[HEADER], &GUIDE[..]].concat())),
    };
    let files = example.files.iter().map(|(path, text)| (PathBuf::from(path), name.put_into(example, text)));
    for (path, text) in files.chain(beside) {
        write(&folder.join(path), &text)?;
    }
    announce(&format!("{0} written; next:\n  cd {0}\n  {1}", folder.display(), name.put_into(example, example.next)))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("can't write {}", path.display()))
}

fn owned(texts: &[Text]) -> Vec<(PathBuf, String)> {
    texts.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect()
}

/// The two crates of the SDK, below `sdk`.
fn sdk() -> Vec<(PathBuf, String)> {
    let place = |path: &str| Path::new("sdk").join(path);
    let manifests = MANIFESTS.map(|(name, text)| (place(name).join("Cargo.toml"), text.replace("VERSION", env!("CARGO_PKG_VERSION"))));
    let sources = sdk::SOURCES.iter().map(|(path, text)| (place(path), (*text).to_owned()));
    let guide = GUIDE.map(|(path, text)| (place("pack-sdk").join(path), text.to_owned()));
    manifests.into_iter().chain(sources).chain(guide).collect()
}

/// What a pack is called, in the three forms that files have it in.
#[derive(Debug, PartialEq)]
struct Name {
    kebab: String,
    snake: String,
    title: String,
}

impl Name {
    fn try_new(given: &str) -> Result<Name> {
        let kebab = given.replace('_', "-");
        let sound = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if kebab.len() > 64 || !kebab.starts_with(|c: char| c.is_ascii_lowercase()) || !kebab.split('-').all(sound) {
            bail!(
                "`{given}` can't be the name of a pack: give one such as `acme-visits`, small letters and digits, words joined by one `-`, at most 64 characters"
            );
        }
        if RUST_KEEPS.contains(&kebab.as_str()) {
            bail!("`{given}` is the name of a part of Rust: give the pack another, such as `acme-{given}`");
        }
        Ok(Name::of(&kebab))
    }

    fn of(kebab: &str) -> Name {
        let (first, rest) = kebab.split_at(1);
        Name { kebab: kebab.into(), snake: kebab.replace('-', "_"), title: first.to_uppercase() + &rest.replace('-', " ") }
    }

    /// The field of the schema.
    fn camel(&self) -> String {
        let mut words = self.kebab.split('-');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (initial, rest) = word.split_at(1);
            name + &initial.to_uppercase() + rest
        })
    }

    /// The text of an example, as that of a pack of this name that lies in a folder of its own.
    fn put_into(&self, example: &Example, text: &str) -> String {
        let there = Name::of(example.name);
        let text = example.places.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let names =
            [(&there.kebab, &self.kebab), (&there.snake, &self.snake), (&there.title, &self.title), (&there.camel(), &self.camel())];
        names.into_iter().fold(text, |text, (from, to)| text.replace(from.as_str(), to))
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_name_is_one_in_all_its_forms() {
        for given in ["acme-visits", "acme_visits"] {
            let name = Name::try_new(given).expect("it is a name");
            assert_eq!([&name.kebab, &name.snake, &name.title, &name.camel()], ["acme-visits", "acme_visits", "Acme visits", "acmeVisits"]);
        }
        assert_eq!(Name::of("a-2nd-go").camel(), "a2ndGo");
    }

    #[test]
    fn what_could_not_be_a_crate_an_id_or_a_field_is_no_name() {
        for given in
            ["", "Acme", "acme visits", "acme--visits", "-acme", "acme-", "2acme", "../acme", "acmé", "std", "proc_macro", &"a".repeat(65)]
        {
            assert!(Name::try_new(given).is_err(), "{given:?} was taken");
        }
    }
}
