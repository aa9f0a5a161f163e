//! What a network, or somebody in it, can do to a monitor, and the test that holds the engine to it: the same messages as the
//! ends of a connection would see, or a counter that says what is missing; never a silent loss, never a message that nobody sent.
//!
//! D1 is TCP as it is, D2 overlaps, D3 injection, D4 partial views, D5 IP, D6 encapsulation, D7 attacks on memory and time.
//! A million flows and more are a test of the command (`tests/e2e/watch/memory.rs`).
//!
//! | | case | file in `agent/src` | test |
//! |---|---|---|---|
//! | D1 | in order; several messages in one segment | `flow/tests/d1_basics.rs` | `in_order_and_several_messages_in_one_segment` |
//! | D1 | reversed | `flow/tests/d1_basics.rs` | `reversed` |
//! | D1 | random shuffle | `flow/tests/d1_basics.rs` | `random_shuffle` |
//! | D1 | segments of one byte | `flow/tests/d1_basics.rs` | `one_byte_segments` |
//! | D1 | every split point of an HL7 frame | `flow/tests/d1_basics.rs` | `every_split_point_of_a_message_in_both_orders` |
//! | D1 | every split point of an A-ASSOCIATE-RQ, and of all else | `protocol/dicom/tests/properties.rs` | `every_cut_of_every_sample_gives_the_same` |
//! | D1 | sequence numbers wrap | `flow/tests/d1_basics.rs` | `sequence_numbers_wrap_at_every_byte_of_a_message` |
//! | D1 | window scale, SACK and an empty one, MSS, MD5 | `flow/tests/d1_basics.rs` | `options_of_the_handshake_and_of_segments_are_stepped_over` |
//! | D1 | delayed duplicate, retransmission | `flow/tests/d1_basics.rs` | `a_delayed_duplicate_and_a_retransmission_with_the_same_data_change_nothing` |
//! | D1 | keep-alive, zero-window probe | `flow/tests/d1_basics.rs` | `keep_alives_and_zero_window_probes` |
//! | D1 | TCP Fast Open accepted, ignored, rejected | `flow/tests/d1_basics.rs` | `fast_open_with_data_in_the_syn_accepted_ignored_or_rejected` |
//! | D1 | ECN | `flow/tests/d1_basics.rs` | `congestion_flags_say_nothing` |
//! | D1 | data on the SYN-ACK | `flow/tests/d1_basics.rs` | `data_on_the_answer_to_the_syn` |
//! | D1 | data with a FIN, also out of order | `flow/tests/d1_basics.rs` | `data_with_a_fin_in_order_and_before_what_it_follows` |
//! | D1 | RST with data | `flow/tests/d1_basics.rs` | `data_in_a_reset_is_counted_and_no_message` |
//! | D1 | half-close | `flow/tests/d1_basics.rs` | `half_closed_the_other_side_goes_on` |
//! | D1 | simultaneous open and close | `flow/tests/d1_basics.rs` | `simultaneous_open_and_close` |
//! | D1 | split handshakes | `flow/tests/d1_basics.rs` | `split_handshakes_of_four_and_five_packets` |
//! | D1 | ports used again | `flow/tests/d1_basics.rs` | `ports_used_again_before_any_timeout_are_another_connection` |
//! | D1 | long idle | `flow/tests/d1_basics.rs` | `a_long_silence_and_then_on` |
//! | D2 | exact, head, tail, contained, containing; same data | `flow/tests/d2_overlaps.rs` | `overlaps_with_the_same_data_change_nothing` |
//! | D2 | the same; other data, under every policy | `flow/tests/d2_overlaps.rs` | `overlaps_with_other_data_are_conflicts_and_what_came_first_counts` |
//! | D2 | a whole message under the numbers of another | `flow/tests/d2_overlaps.rs` | `an_overlap_before_the_bytes_it_follows_is_no_false_message` |
//! | D2 | Novak and Sturges | `flow/tests/d2_overlaps.rs` | `the_sequence_of_novak_and_sturges_gives_each_byte_to_whoever_sent_it_first` |
//! | D3 | fake FIN before the data | `flow/tests/d3_injection.rs` | `a_fake_fin_before_the_data_does_not_end_it` |
//! | D3 | RST with a bad number | `flow/tests/d3_injection.rs` | `a_reset_with_a_wrong_number_is_counted_and_ends_nothing_however_long_the_silence_after_it` |
//! | D3 | RST with a bad acknowledgement, time, checksum, TTL; data goes on | `flow/tests/d3_injection.rs` | `a_reset_with_a_wrong_acknowledgement_checksum_or_time_after_which_data_goes_on_was_not_believed` |
//! | D3 | SYN again with another number | `flow/tests/d3_injection.rs` | `a_syn_in_the_middle_with_another_number_is_counted_and_splits_nothing` |
//! | D3 | several SYN-ACKs | `flow/tests/d3_injection.rs` | `several_answers_to_a_syn_with_different_numbers` |
//! | D3 | SYN-ACK in the wrong direction | `flow/tests/d3_injection.rs` | `an_answer_to_a_syn_in_the_wrong_direction_or_in_the_middle` |
//! | D3 | wrong acknowledgements | `flow/tests/d3_injection.rs` | `acknowledgements_of_what_was_never_sent` |
//! | D3 | data before the handshake ends | `flow/tests/d3_injection.rs` | `data_before_the_handshake_ends` |
//! | D3 | old or missing time stamps (PAWS), MD5, bad checksum | `flow/tests/d3_injection.rs` | `old_or_missing_time_stamps_and_signatures_with_other_data_are_conflicts` |
//! | D3 | checksum left to the card | `flow/tests/d3_injection.rs` | `segments_whose_checksum_was_left_to_a_network_card_are_read_and_counted` |
//! | D3 | low TTL | `flow/tests/d3_injection.rs` | `a_segment_that_dies_on_the_way_is_a_conflict_with_the_one_that_arrives` |
//! | D3 | out of window | `flow/tests/d3_injection.rs` | `data_outside_of_every_window_is_counted_and_left_out` |
//! | D3 | urgent pointer | `flow/tests/d3_injection.rs` | `urgent_data_is_read_in_line_and_nothing_is_lost_by_it` |
//! | D3 | data after FIN and RST | `flow/tests/d3_injection.rs` | `data_after_a_fin_and_after_a_reset` |
//! | D3 | null, xmas, SYN+FIN, SYN+RST | `flow/tests/d3_injection.rs` | `flags_that_nobody_sends` |
//! | D3 | truncated and invalid options | `flow/tests/d3_injection.rs` | `truncated_and_invalid_options` |
//! | D3 | generated sequences | `flow/tests/d3_injection.rs` | `generated_sequences_of_forged_packets_never_make_a_message` |
//! | D4 | without SYN, SYN-ACK, handshake | `flow/tests/d4_partial_view.rs` | `without_the_syn_its_answer_or_the_whole_handshake` |
//! | D4 | joined at every byte of an HL7 message | `flow/tests/d4_partial_view.rs` | `joined_at_every_byte_of_a_message_the_next_ones_are_told` |
//! | D4 | joined at every byte of an association | `protocol/dicom/tests/damage.rs` | `joined_at_any_byte_everything_from_the_next_whole_pdu_on_is_counted` |
//! | D4 | gap in header, body, at the end, twice, leading | `flow/tests/d4_partial_view.rs` | `a_gap_in_the_header_in_the_body_at_the_end_twice_and_in_front` |
//! | D4 | gap anywhere in PDUs | `protocol/dicom/tests/damage.rs` | `after_a_gap_anywhere_the_next_pdu_is_found` |
//! | D4 | the end never comes | `flow/tests/d4_partial_view.rs` | `the_end_of_the_last_message_never_comes` |
//! | D4 | random and burst loss | `flow/tests/d4_partial_view.rs` | `random_and_burst_loss` |
//! | D4 | snapshot length | `flow/tests/d4_partial_view.rs` | `cut_at_common_snapshot_lengths` |
//! | D4 | the client only | `flow/tests/d4_partial_view.rs` | `one_direction_only_is_told_and_counted` |
//! | D4 | the server only | `flow/tests/d4_partial_view.rs` | `the_direction_of_the_server_only_is_told_and_counted` |
//! | D4 | both SPAN ports | `flow/tests/seen_twice.rs` | `both_mirror_ports_of_a_switch_deliver_the_same_packet_a_little_later` |
//! | D4 | with and without tag | `flow/tests/seen_twice.rs` | `one_copy_has_a_tag_and_the_other_none_whichever_comes_first` |
//! | D4 | both sides of a router | `flow/tests/seen_twice.rs` | `both_sides_of_a_router_are_one_conversation_between_the_ends_themselves` |
//! | D4 | both sides of a NAT | `flow/tests/d4_partial_view.rs` | `both_sides_of_an_address_translation_are_two_connections_with_all_messages_each` |
//! | D4 | directions on different VLANs | `flow/tests/d4_partial_view.rs` | `both_directions_on_different_vlans_are_one_connection` |
//! | D4 | reordering between queues | `flow/tests/d4_partial_view.rs` | `the_directions_come_by_different_queues_one_after_the_other` |
//! | D4 | time goes backwards | `flow/tests/d4_partial_view.rs` | `timestamps_that_go_backwards` |
//! | D5 | fragments of IPv4 in order, reversed, tiny | `flow/tests/d5_ip.rs` | `fragments_in_order_reversed_and_tiny` |
//! | D5 | fragments of IPv6 | `flow/tests/d5_ip.rs` | `fragments_of_ipv6_in_order_and_reversed` |
//! | D5 | overlapping fragments, every policy | `flow/tests/d5_ip.rs` | `overlapping_fragments_with_the_same_and_with_other_data_under_every_policy_s_order` |
//! | D5 | overlapping fragments of IPv6 | `flow/tests/d5_ip.rs` | `overlapping_fragments_of_ipv6_with_other_data_are_dropped_as_their_receiver_does` |
//! | D5 | missing fragment, timeout | `flow/tests/d5_ip.rs` | `a_fragment_that_is_missing_or_too_late_is_counted_with_those_that_waited` |
//! | D5 | too large | `flow/tests/d5_ip.rs` | `fragments_beyond_the_longest_datagram_are_counted` |
//! | D5 | identification used again | `flow/tests/d5_ip.rs` | `an_identification_that_is_used_again_at_once_and_after_its_time_is_another_datagram` |
//! | D5 | in VLAN, QinQ, QinQinQ | `flow/tests/d5_ip.rs` | `fragments_inside_of_one_two_and_three_tags` |
//! | D5 | atomic fragments | `flow/tests/d5_ip.rs` | `atomic_fragments_of_ipv6_are_whole_packets` |
//! | D5 | extension headers in chains, cut | `flow/tests/d5_ip.rs` | `extension_headers_of_ipv6_in_chains_and_cut_ones` |
//! | D5 | mobility header | `decode/tests/network.rs` | `a_mobility_header_is_passed_over` |
//! | D5 | options, bad checksum, total length 0 | `flow/tests/d5_ip.rs` | `options_a_wrong_checksum_and_a_length_that_was_left_out` |
//! | D5 | padding | `flow/tests/d5_ip.rs` | `padding_of_short_frames_is_no_payload` |
//! | D6 | 802.1Q, 802.1ad, 8100+8100, three tags | `decode/tests/link.rs` | `tags_of_every_kind_are_followed_and_the_outermost_comes_first` |
//! | D6 | priority tag | `decode/tests/link.rs` | `a_priority_tag_is_no_vlan_and_priority_is_no_part_of_one` |
//! | D6 | MPLS, GRE, PPTP, ERSPAN, VXLAN, Geneve, GTP-U, IP-in-IP, 6in4, Teredo, PPPoE, VN-Tag, E-Tag, PBB | `decode/tests/carrier.rs` | `every_kind_tells_of_itself_and_then_of_what_it_carries` |
//! | D6 | non-zero reserved fields | `decode/tests/carrier.rs` | `what_is_reserved_in_a_header_is_not_looked_at` |
//! | D6 | unknown inner protocol | `decode/tests/carrier.rs` | `content_that_is_not_known_loses_nothing_but_itself` |
//! | D6 | inner ARP | `flow/tests/tunnels.rs` | `who_claims_an_address_in_a_tunnel_claims_it_there` |
//! | D6 | non-default ports | `decode/tests/carrier.rs` | `what_only_uses_a_port_of_a_tunnel_is_none` |
//! | D6 | 802.1Q in ERSPAN and others | `decode/tests/carrier.rs` | `vlans_are_those_of_the_frame_inside` |
//! | D6 | truncated | `decode/tests/carrier.rs` | `a_carrier_may_be_cut_at_every_byte_and_what_is_lost_is_told` |
//! | D6 | nested, depth bomb | `flow/tests/tunnels.rs` | `tunnels_nested_too_deep_and_broken_headers_are_counted` |
//! | D6 | outer IP fragments | `flow/tests/tunnels.rs` | `a_tunnel_in_fragments_and_fragments_in_a_tunnel_are_put_together` |
//! | D6 | the same tuple in two tunnels | `flow/tests/tunnels.rs` | `the_same_connection_in_two_tunnels_is_two` |
//! | D6 | SLL, SLL2 | `decode/tests/link.rs` | `cooked_captures_of_any_device_and_with_tags_are_read` |
//! | D6 | LLC/SNAP | `decode/tests/link.rs` | `llc_with_snap_carries_an_ether_type_and_other_llc_nothing_of_ours` |
//! | D6 | null/loopback | `decode/tests/link.rs` | `loopback_families_are_known_in_both_byte_orders` |
//! | D6 | raw IP | `decode/tests/link.rs` | `raw_packets_tell_their_version_themselves` |
//! | D6 | radiotap, PPP: counted, not read | `decode/tests.rs` | `unknown_link_types_are_refused` |
//! | D6 | NSH: not read | `decode/tests/link.rs` | `other_ether_types_are_no_error` |
//! | D6 | GRO/LRO packets of more than 64 KiB | `flow/tests/d5_ip.rs` | `a_packet_of_more_than_64_kib_that_a_driver_put_together_is_read_and_counted` |
//! | D7 | SYN flood | `flow/tests/d7_resources.rs` | `a_flood_of_syns_pushes_no_conversation_out` |
//! | D7 | more flows than may be | `flow/tests/d7_resources.rs` | `more_flows_with_payload_than_there_may_be_are_evicted_and_counted` |
//! | D7 | huge out of order | `flow/tests/d7_resources.rs` | `a_huge_amount_out_of_order_is_bounded_and_counted` |
//! | D7 | tuples that collide | `flow/tests/d7_resources.rs` | `tuples_chosen_to_meet_in_one_shard_do_not_push_out_those_of_others` |
//! | D7 | memory is used up | `flow/tests/limits.rs` | `memory_for_reassembly_is_bounded_and_what_is_given_up_is_counted` |
//! | D7 | slow-drip message | `flow/tests/d7_resources.rs` | `a_message_that_drips_in_byte_by_byte_is_told_when_it_is_whole` |
//! | D7 | HL7 without end | `flow/tests/d7_resources.rs` | `a_message_that_never_ends_is_one_message_and_keeps_little` |
//! | D7 | fragments without end | `flow/tests/d7_resources.rs` | `fragments_without_end_are_bounded_and_counted` |
//! | D7 | PDU length FFFFFFFF, 0, shorter than a header; PDV longer than its PDU | `flow/tests/d7_parsers.rs` | `lengths_of_dicom_that_cannot_be_cost_no_later_message` |
//! | D7 | nested sequences, undefined lengths | `flow/tests/d7_parsers.rs` | `sequences_nested_without_end_and_elements_of_undefined_length_cost_no_later_message` |
//! | D7 | 100,000 presentation contexts | `flow/tests/d7_parsers.rs` | `a_hundred_thousand_presentation_contexts_are_not_kept` |
//! | D7 | a segment of a million fields | `flow/tests/d7_parsers.rs` | `segments_of_a_million_fields_repetitions_and_components_are_passed_over` |
//! | D7 | segments without end | `flow/tests/d7_parsers.rs` | `segments_without_end_are_passed_over` |
//! | D7 | NUL, UTF-16, ISO 2022 | `flow/tests/d7_resources.rs` | `text_of_nul_utf_16_and_iso_2022_makes_no_message_of_its_own` |
//! | D7 | deflate bomb | `protocol/dicom/inflate.rs` | `of_a_bomb_no_more_is_inflated_than_is_read` |

use std::{fs, path::Path};

#[test]
fn every_case_has_its_test() {
    let cases: Vec<Vec<&str>> = include_str!("cases.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | D"))
        .map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    for family in ["1", "2", "3", "4", "5", "6", "7"] {
        assert!(cases.iter().any(|case| case[0] == family), "no case of D{family}");
    }
    for case in &cases {
        let [_, what, file, test, _] = case[..] else { panic!("{case:?}") };
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}(")), "{what}: {file} has no test {test}");
    }
}
