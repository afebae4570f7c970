//! The same work on many items, on all processors.
//!
//! Plain threads and a counter rather than a work-stealing pool: polars has such a pool of its own, and a thread that
//! waits for it would take up further items on top of the one it is at, level upon level, until its stack is full.
//!
//! **Invariant.** Results stand in the order of the items, whatever the number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Number of processors that work can be done on at the same time.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Applies `work` to each item.
pub fn map<T, R>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let threads = threads();
    if threads == 1 || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            done.push((index, work(item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(items.len()))
            .map(|_| scope.spawn(take))
            .collect();
        let results = workers.into_iter().map(|worker| worker.join());
        results
            .flat_map(|result| match result {
                Ok(done) => done,
                // A bug of ours in one thread is a bug of ours in this one.
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    done.sort_by_key(|&(index, _)| index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..10_000).collect();
        let doubled = super::map(&items, |item| item * 2);
        assert!(
            doubled
                .iter()
                .zip(&items)
                .all(|(double, item)| *double == item * 2)
        );
        assert_eq!(doubled.len(), items.len());
        assert_eq!(super::map(&[] as &[u64], |item| *item), Vec::<u64>::new());
    }
}
