//! From requests at a time to people: nobody generates all the time.

/// Share of the time in which more people may want an answer than are served at once.
pub const CROWDED: f64 = 0.05;

/// The most people of whom at most `requests` have a request running in 95% of the time
/// (`1 - CROWDED`), where each has one running for a `share` of it, independently of the
/// others: the largest n with `P(Binomial(n, share) > requests) <= 5%`. None are served
/// where no request is.
pub fn people(requests: u32, share: f64) -> u32 {
    if requests == 0 || share <= 0.0 {
        return 0;
    }
    if share >= 1.0 {
        return requests;
    }
    let enough = |people: u32| crowded(people, requests, share) <= CROWDED;
    // So many people as requests never crowd; with so many the mean alone exceeds them.
    let mean = (f64::from(requests) + 1.0) / share;
    let (mut low, mut high) = (requests, mean.ceil().min(f64::from(u32::MAX - 1)) as u32);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if enough(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// The chance that more than `requests` of `people` have one running.
fn crowded(people: u32, requests: u32, share: f64) -> f64 {
    let odds = (share / (1.0 - share)).ln();
    // Logarithms, because the chance that nobody has one vanishes for many people.
    let mut chance = f64::from(people) * (-share).ln_1p();
    let mut within = chance.exp();
    for running in 0..requests.min(people) {
        let (running, people) = (f64::from(running), f64::from(people));
        chance += ((people - running) / (running + 1.0)).ln() + odds;
        within += chance.exp();
    }
    (1.0 - within).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::{crowded, people};

    #[test]
    fn a_crowd_by_hand() {
        // Three people at one half: more than two is all three, 1/8; more than one 1/2.
        assert!((crowded(3, 2, 0.5) - 0.125).abs() < 1e-12);
        assert!((crowded(3, 1, 0.5) - 0.5).abs() < 1e-12);
        // With a share of 0.1 and two at a time: of eight people P(> 2) = 3.8%, of nine 5.3%.
        assert!((crowded(8, 2, 0.1) - 0.0381).abs() < 1e-4);
        assert!((crowded(9, 2, 0.1) - 0.0530).abs() < 1e-4);
        assert_eq!(people(2, 0.1), 8);
    }

    #[test]
    fn the_ends() {
        assert_eq!(people(0, 0.1), 0);
        assert_eq!(people(7, 1.0), 7);
        // One of two people at a share of one in a hundred: 0.01% crowd it.
        assert!(people(1, 0.01) > 20);
        // Many people do not underflow: about 4,000 / 0.3, less three deviations of some 90.
        let many = people(4000, 0.3);
        assert!((13_000..13_333).contains(&many), "{many}");
    }

    #[test]
    fn more_requests_and_less_use_serve_more() {
        for requests in 1..40 {
            assert!(people(requests + 1, 0.3) > people(requests, 0.3));
            assert!(people(requests, 0.2) >= people(requests, 0.3));
            assert!(people(requests, 0.3) >= requests);
        }
    }
}
