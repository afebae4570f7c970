//! Addresses, and the servers behind them.
//!
//! A client may be given its addresses in any order. The core counts servers by their places in that list; what a server says of
//! itself tells which one it is.
//!
//! **Invariant.** A hint leads to an address only if a server has said, or the cluster's file says, that it is there.

use chat::identity::ServerId;
use chat::refusal::Refusal;
use chat::wire::response::{Notice, Response, ToClient};

use crate::settings::{Address, ClusterFile};

/// Where a client looks for servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    places: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    address: Address,
    /// Who is there, as far as it is known.
    server: Option<ServerId>,
}

impl Directory {
    /// Addresses in any order.
    pub fn of_addresses(addresses: impl IntoIterator<Item = Address>) -> Directory {
        let place = |address| Place {
            address,
            server: None,
        };
        let places = addresses.into_iter().map(place).collect();
        Directory { places }
    }

    /// The servers of a cluster's file.
    pub fn of_cluster(file: &ClusterFile) -> Directory {
        let servers = file.servers.iter().zip(0..);
        let places = servers.map(|(entry, number)| Place {
            address: entry.client.clone(),
            server: Some(ServerId(number)),
        });
        Directory {
            places: places.collect(),
        }
    }

    /// How many places there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// All addresses.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.places.iter().map(|place| &place.address)
    }

    /// The address of a place.
    pub(super) fn address(&self, place: ServerId) -> Option<&Address> {
        Some(&self.places.get(place.0 as usize)?.address)
    }

    /// The server of a place, as far as it is known.
    pub(super) fn server(&self, place: ServerId) -> Option<ServerId> {
        self.places.get(place.0 as usize)?.server
    }

    /// The place of a server.
    fn place(&self, server: ServerId) -> Option<ServerId> {
        let mut places = self.places.iter().zip(0..);
        let (_, place) = places.find(|(place, _)| place.server == Some(server))?;
        Some(ServerId(place))
    }

    /// Puts places for servers into what the server of a place says, and learns from it. Gives the number of the server that
    /// serves instead, if the server says so and its address is not known.
    pub(super) fn translate(
        &mut self,
        place: ServerId,
        message: &mut ToClient,
    ) -> Option<ServerId> {
        let hint = match &mut message.response {
            Response::Noticed(Notice::Welcome { standing, .. }) => {
                if let Some(known) = self.places.get_mut(place.0 as usize) {
                    known.server = Some(standing.server);
                }
                standing.server = place;
                &mut standing.primary
            }
            Response::Refused(Refusal::NotPrimary { hint }) => hint,
            _ => return None,
        };
        let server = (*hint)?;
        *hint = self.place(server);
        hint.is_none().then_some(server)
    }
}

#[cfg(test)]
mod tests {
    use chat::identity::{RequestId, View};
    use chat::wire::response::Standing;

    use super::*;

    fn directory() -> Directory {
        let addresses = ["127.0.0.1:7002", "127.0.0.1:7000"];
        Directory::of_addresses(addresses.map(|address| address.parse().expect("an address")))
    }

    fn welcome(server: u32, primary: u32) -> ToClient {
        ToClient {
            id: RequestId(1),
            view: View(1),
            response: Response::Noticed(Notice::Welcome {
                version: 1,
                standing: Standing {
                    server: ServerId(server),
                    is_serving: server == primary,
                    primary: Some(ServerId(primary)),
                },
                text_bytes_max: 1,
                window_max: 1,
            }),
        }
    }

    fn primary(message: &ToClient) -> Option<ServerId> {
        match &message.response {
            Response::Noticed(Notice::Welcome { standing, .. }) => standing.primary,
            Response::Refused(Refusal::NotPrimary { hint }) => *hint,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_hint_leads_to_the_place_whose_server_has_said_who_it_is() {
        let mut directory = directory();
        let mut message = welcome(2, 0);
        // Nobody has said yet where server 0 is.
        assert_eq!(
            directory.translate(ServerId(0), &mut message),
            Some(ServerId(0))
        );
        assert_eq!(primary(&message), None);
        let mut message = welcome(0, 0);
        assert_eq!(directory.translate(ServerId(1), &mut message), None);
        assert_eq!(primary(&message), Some(ServerId(1)));
        let mut refusal = ToClient {
            response: Response::Refused(Refusal::NotPrimary {
                hint: Some(ServerId(2)),
            }),
            ..message
        };
        assert_eq!(directory.translate(ServerId(1), &mut refusal), None);
        assert_eq!(primary(&refusal), Some(ServerId(0)));
        assert_eq!(directory.server(ServerId(1)), Some(ServerId(0)));
    }

    #[test]
    fn a_server_that_has_moved_is_found_at_its_new_place() {
        let mut directory = directory();
        directory.translate(ServerId(0), &mut welcome(0, 0));
        directory.translate(ServerId(0), &mut welcome(1, 1));
        let mut message = welcome(0, 0);
        directory.translate(ServerId(1), &mut message);
        assert_eq!(primary(&message), Some(ServerId(1)));
    }
}
