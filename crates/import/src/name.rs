//! Suggests what a misspelt name may have meant.

/// `; did you mean …?`, or all there is where nothing comes near.
pub(crate) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.filter(|known| !known.is_empty()).collect();
    let mut close: Vec<_> = known.iter().map(|known| (distance(name, known), *known)).collect();
    close.retain(|(distance, known)| *distance <= 1 + known.chars().count() / 3);
    close.sort();
    let close: Vec<_> = close.iter().take(3).map(|(_, known)| format!("`{known}`")).collect();
    match (close.is_empty(), known.is_empty()) {
        (false, _) => format!("; did you mean {}?", close.join(" or ")),
        (true, false) => format!("; there are {}", known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")),
        (true, true) => String::new(),
    }
}

fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}
