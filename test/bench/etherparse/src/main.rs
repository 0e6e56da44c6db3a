//! What a Rust program with etherparse takes to reach the DSS options of a pcap; it knows no MPTCP,
//! so they are taken from the octets by hand, and nothing is printed but their sum.

use etherparse::{LaxSlicedPacket, TransportSlice};

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let file = std::fs::read(path).expect("to be readable");
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let (mut at, mut options, mut sum) = (24, 0u64, 0u64);
    while at + 16 <= file.len() {
        let end = at + 16 + word(at + 8);
        if end > file.len() {
            break;
        }
        if let Ok(packet) = LaxSlicedPacket::from_ethernet(&file[at + 16..end]) {
            if let Some(TransportSlice::Tcp(tcp)) = packet.transport {
                walk(tcp.options(), &mut options, &mut sum);
            }
        }
        at = end;
    }
    println!("{options} {sum}");
}

fn walk(list: &[u8], options: &mut u64, sum: &mut u64) {
    let mut at = 0;
    while at + 1 < list.len() {
        let length = list[at + 1] as usize;
        match list[at] {
            0 => return,
            1 => at += 1,
            _ if length < 2 || at + length > list.len() => return,
            30 => {
                *options += 1;
                *sum = sum.wrapping_add(dss(&list[at..at + length]));
                at += length;
            }
            _ => at += length,
        }
    }
}

fn dss(option: &[u8]) -> u64 {
    if option.len() < 4 || option[2] >> 4 != 2 {
        return 0;
    }
    let flags = option[3];
    let (mut at, mut sum) = (4, 0u64);
    let mut number = |width: usize| {
        if let Some(octets) = option.get(at..at + width) {
            sum = sum.wrapping_add(octets.iter().fold(0, |value, octet| value << 8 | u64::from(*octet)));
        }
        at += width;
    };
    if flags & 1 != 0 {
        number(if flags & 2 != 0 { 8 } else { 4 });
    }
    if flags & 4 != 0 {
        number(if flags & 8 != 0 { 8 } else { 4 });
        number(4);
        number(2);
    }
    sum
}
