//! Who may connect: so many in all, and so many of each address.
//!
//! Of an IPv6 address the first 64 bits count: whoever has one of them has all the others too.
//!
//! **Invariant.** A place that is dropped is free again.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::counters::ListenerCounters;

/// The places of a listener.
#[derive(Debug)]
pub(super) struct Places {
    places_max: usize,
    per_address_max: usize,
    taken: Mutex<BTreeMap<IpAddr, usize>>,
    counters: Arc<ListenerCounters>,
}

/// The place of a connection.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    pub(super) fn new(
        places_max: usize,
        per_address_max: usize,
        counters: Arc<ListenerCounters>,
    ) -> Places {
        Places {
            places_max,
            per_address_max,
            taken: Mutex::default(),
            counters,
        }
    }

    /// A place for a connection from this address, if there is one; who gets none is counted.
    pub(super) fn take(self: &Arc<Places>, address: IpAddr) -> Option<Place> {
        let address = network_of(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if self.counters.open() >= self.places_max as u64 {
            self.counters.crowded.increase();
            return None;
        }
        let of_address = taken.entry(address).or_default();
        if *of_address >= self.per_address_max {
            self.counters.crowded_address.increase();
            return None;
        }
        *of_address += 1;
        self.counters.open.fetch_add(1, Ordering::Relaxed);
        let places = self.clone();
        Some(Place { places, address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let taken = self.places.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        self.places.counters.open.fetch_sub(1, Ordering::Relaxed);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// What an address shares with all those that its owner has.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_for_each_network() {
        let counters = Arc::new(ListenerCounters::default());
        let places = Arc::new(Places::new(3, 2, counters.clone()));
        let take = |address: &str| places.take(address.parse().expect("an address"));
        let first = take("2001:db8::1");
        let second = take("2001:db8::2:3");
        assert!(first.is_some() && second.is_some() && take("2001:db8::4").is_none());
        let third = take("::ffff:10.0.0.1");
        assert!(third.is_some() && take("10.0.0.2").is_none());
        assert_eq!(
            (counters.crowded.get(), counters.crowded_address.get()),
            (1, 1)
        );
        drop(first);
        assert_eq!(counters.open(), 2);
        assert!(take("2001:db8::5").is_some());
        drop((second, third));
        assert_eq!(counters.open(), 0);
        assert!(places.taken.lock().expect("no panic").is_empty());
    }
}
