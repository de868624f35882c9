//! Rows of text as columns.

/// Each column as wide as its widest cell, the last as it is.
pub fn of<const COLUMNS: usize>(rows: impl IntoIterator<Item = [String; COLUMNS]>) -> String {
    lines(&rows.into_iter().map(Vec::from).collect::<Vec<_>>()).join("\n")
}

/// The same, for rows that are all of some length.
pub fn lines(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["pack", "why"], ["acme_visits", ""], ["é", "so"]].map(|row| row.map(str::to_owned));
        assert_eq!(super::of(rows), "pack         why\nacme_visits\né            so");
    }
}
