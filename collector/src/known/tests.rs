//! Ids through what is learnt of devices, and through restarts.

use super::*;
use crate::{store::MemoryStore, testing};
use proptest::prelude::*;
use wardwatch_model::DeviceClass;

/// Devices with when they were seen first, and ids of keys they may have had.
fn inventory(devices: &[(&str, u64, &[&str])]) -> Inventory {
    let mut inventory = Inventory::default();
    for (id, first, former) in devices {
        let mut device = testing::device(id, DeviceClass::Unknown, 1);
        device.evidence.clear();
        device.addresses.iter_mut().for_each(|address| address.first_seen = PacketTime(*first));
        inventory.devices.push(device);
        if !former.is_empty() {
            inventory.former.insert((*id).to_owned(), former.iter().map(|id| (*id).to_owned()).collect());
        }
    }
    inventory
}

/// What is known, with its store.
#[derive(Default)]
struct Watch {
    known: Known,
    store: MemoryStore,
}

impl Watch {
    /// The ids that these devices go by, in their order, and how many devices are known.
    fn see(&mut self, devices: &[(&str, u64, &[&str])]) -> (Vec<String>, u64) {
        let inventory = inventory(devices);
        let staged = self.known.stage(&inventory, 4);
        let ids = devices.iter().map(|(id, ..)| staged.names.get(*id).map_or(*id, String::as_str).to_owned()).collect();
        let count = staged.devices;
        let mut changes = Changes::default();
        staged.write(&mut changes).unwrap();
        self.store.commit(&changes).unwrap();
        self.known.apply(staged);
        // A new process knows the same.
        let mut read = Known::default();
        assert_eq!(read.load(&self.store).unwrap(), 0);
        assert_eq!(read.0, self.known.0);
        assert!(self.known.stage(&inventory, 4).changed.is_empty(), "looking again changes nothing");
        (ids, count)
    }

    fn now(&self, id: &str) -> Option<String> {
        self.known.aliases().get(id).cloned()
    }
}

#[test]
fn a_device_that_is_known_by_a_surer_key_keeps_its_id() {
    let mut watch = Watch::default();
    assert_eq!(watch.see(&[("ip", 5, &[])]), (vec!["ip".into()], 1));
    assert_eq!(watch.see(&[("mac", 5, &["ip"])]), (vec!["ip".into()], 1));
    assert_eq!(watch.see(&[("mac", 5, &[])]), (vec!["ip".into()], 1), "also once nobody speaks of the first key");
    assert_eq!(watch.now("mac"), Some("ip".into()));
}

#[test]
fn of_devices_that_become_one_the_first_seen_keeps_its_id_and_the_others_lead_to_it() {
    for (ip, mac, stays, leads) in [(5, 9, "ip", "mac"), (9, 5, "mac", "ip")] {
        let mut watch = Watch::default();
        assert_eq!(watch.see(&[("ip", ip, &[]), ("mac", mac, &[])]).1, 2);
        let staged = watch.known.stage(&inventory(&[("mac", 5, &["ip"])]), 4);
        assert_eq!(staged.renamed, BTreeMap::from([(leads.to_owned(), stays.to_owned())]));
        assert_eq!(watch.see(&[("mac", 5, &["ip"])]), (vec![stays.to_owned()], 1));
        assert_eq!(watch.now(leads), Some(stays.to_owned()));
        assert_eq!(watch.now(stays), None);
    }
}

#[test]
fn what_led_to_one_leads_to_the_one_that_it_became() {
    let mut watch = Watch::default();
    watch.see(&[("a", 3, &[]), ("b", 1, &[]), ("c", 2, &[])]);
    watch.see(&[("c", 2, &["a"]), ("b", 1, &[])]);
    assert_eq!(watch.now("a"), Some("c".into()));
    assert_eq!(watch.see(&[("b", 1, &["c", "a"])]), (vec!["b".into()], 1));
    assert_eq!((watch.now("a"), watch.now("c")), (Some("b".into()), Some("b".into())));
}

#[test]
fn a_device_that_turns_out_to_be_two_leaves_the_id_with_the_one_whose_key_it_is() {
    let mut watch = Watch::default();
    watch.see(&[("ip", 5, &[])]);
    watch.see(&[("mac", 5, &["ip"])]);
    assert_eq!(watch.see(&[("ip", 5, &[]), ("mac", 5, &["ip"])]), (vec!["ip".into(), "mac".into()], 2));
}

#[test]
fn one_id_is_taken_by_one_device_only() {
    let mut watch = Watch::default();
    watch.see(&[("router", 5, &[])]);
    let (ids, count) = watch.see(&[("b", 7, &["router"]), ("a", 5, &["router"])]);
    assert_eq!((ids, count), (vec!["b".into(), "router".into()], 2));
}

#[test]
fn beyond_twice_the_limit_ids_of_devices_that_are_gone_are_forgotten() {
    let mut watch = Watch::default();
    for old in ["1", "2", "3", "4", "5", "6", "7"] {
        watch.see(&[(old, 1, &[])]);
    }
    watch.see(&[("mac", 2, &["7"])]);
    assert_eq!(watch.known.0.len(), 8);
    assert_eq!(watch.see(&[("mac", 2, &[]), ("new", 3, &[])]), (vec!["7".into(), "new".into()], 2));
    assert_eq!(watch.known.0.len(), 3, "two devices, and the other id of one");
}

#[test]
fn a_store_of_ids_alone_is_read() {
    let mut store = MemoryStore::default();
    let mut changes = Changes::default();
    changes.put(Table::Devices, b"old".to_vec(), Vec::new());
    changes.put(Table::Devices, b"odd".to_vec(), b"{".to_vec());
    store.commit(&changes).unwrap();
    let mut known = Known::default();
    assert_eq!(known.load(&store).unwrap(), 1);
    assert_eq!(known.stage(&inventory(&[("old", 1, &[])]), 4).devices, 1);
}

proptest! {
    #[test]
    fn no_two_devices_go_by_the_same_id_and_every_id_shown_leads_to_one(
        pictures in prop::collection::vec(prop::collection::btree_map(0..6u8, (0..9u64, prop::collection::btree_set(0..6u8, 0..3)), 1..5), 1..6),
    ) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let name = |number: &u8| names[usize::from(*number)];
        let mut known = Known::default();
        for picture in pictures {
            let former: Vec<Vec<&str>> = picture.values().map(|(_, former)| former.iter().map(name).collect()).collect();
            let devices: Vec<(&str, u64, &[&str])> =
                picture.iter().zip(&former).map(|((id, (first, _)), former)| (name(id), *first, former.as_slice())).collect();
            let staged = known.stage(&inventory(&devices), 100);
            let shown: BTreeSet<String> =
                devices.iter().map(|(id, ..)| staged.names.get(*id).map_or(*id, String::as_str).to_owned()).collect();
            prop_assert_eq!(shown.len(), devices.len());
            known.apply(staged);
            let aliases = known.aliases();
            prop_assert!(aliases.values().all(|now| !aliases.contains_key(now)), "one step leads there: {:?}", aliases);
            prop_assert!(shown.iter().all(|id| known.0.contains_key(id)));
            prop_assert!(shown.iter().all(|id| !aliases.contains_key(id)));
        }
    }
}
