//! Elementary intervals: overlapping periods cut at every bound of any of them, so that each fact is read once and every
//! period is put together from whole intervals.

/// Disjoint and ascending, without those that no period covers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Intervals {
    pub(crate) bounds: Vec<(i64, i64)>,
}

impl Intervals {
    /// The intervals of some periods, and for each period the range of indices that it is made of.
    pub(crate) fn of(periods: &[(i64, i64)]) -> (Intervals, Vec<(u32, u32)>) {
        let mut cuts: Vec<i64> = periods.iter().flat_map(|&(from, to)| [from, to]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let at = |cut: i64| cuts.binary_search(&cut).unwrap_or_else(|at| at);
        let covered = covered(cuts.len(), periods.iter().map(|&(from, to)| (at(from), at(to))));
        let mut bounds = Vec::new();
        let mut index = vec![0; cuts.len()];
        for (cut, index) in index.iter_mut().enumerate() {
            *index = bounds.len() as u32;
            if covered[cut] {
                bounds.push((cuts[cut], cuts[cut + 1]));
            }
        }
        let ranges = periods.iter().map(|&(from, to)| (index[at(from)], index[at(to)])).collect();
        (Intervals { bounds }, ranges)
    }
}

/// For each gap between two cuts, whether a period reaches over it.
fn covered(cuts: usize, periods: impl Iterator<Item = (usize, usize)>) -> Vec<bool> {
    let mut opened = vec![0i64; cuts + 1];
    for (from, to) in periods {
        opened[from] += 1;
        opened[to] -= 1;
    }
    let mut open = 0;
    opened[..cuts]
        .iter()
        .map(|change| {
            open += change;
            open > 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_and_its_quarters_are_cut_into_quarters() {
        let (intervals, ranges) = Intervals::of(&[(0, 40), (0, 10), (10, 20), (30, 40)]);
        assert_eq!(intervals.bounds, [(0, 10), (10, 20), (20, 30), (30, 40)]);
        assert_eq!(ranges, [(0, 4), (0, 1), (1, 2), (3, 4)]);
    }

    #[test]
    fn gaps_between_periods_are_not_read() {
        let (intervals, ranges) = Intervals::of(&[(0, 10), (100, 110), (105, 120)]);
        assert_eq!(intervals.bounds, [(0, 10), (100, 105), (105, 110), (110, 120)]);
        assert_eq!(ranges, [(0, 1), (1, 3), (2, 4)]);
    }

    #[test]
    fn a_day_that_a_zone_skipped_is_made_of_nothing() {
        let (intervals, ranges) = Intervals::of(&[(5, 5), (0, 10)]);
        assert_eq!(intervals.bounds, [(0, 5), (5, 10)]);
        assert_eq!(ranges, [(1, 1), (0, 2)]);
    }
}
