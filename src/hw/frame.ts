/**
 * Ethernet and TCP/IP sizes in bytes, and how a frame is laid out in the words of a lane.
 * Sizes: IEEE 802.3 (preamble, FCS, gap, minimum frame), RFC 791, RFC 9293, RFC 7323 (timestamps), RFC 2018 (SACK).
 */

/** Preamble and start-of-frame delimiter. */
export const PREAMBLE_BYTES = 8;
export const FCS_BYTES = 4;
/** Inter-frame gap. */
export const GAP_BYTES = 12;
/** What a frame takes from a port beside itself: preamble, FCS, gap. */
export const WIRE_OVERHEAD_BYTES = PREAMBLE_BYTES + FCS_BYTES + GAP_BYTES;
export const ETHERNET_HEADER_BYTES = 14;
/** Shortest frame, FCS not counted; shorter ones are padded. */
export const MIN_FRAME_BYTES = 60;
export const MTU_BYTES = 1500;
export const IP_HEADER_BYTES = 20;
export const TCP_HEADER_BYTES = 20;
/** Two NOPs and the 10-byte timestamps option. */
export const TIMESTAMP_BYTES = 12;
/** Two NOPs, option kind and length, one block. */
export const SACK_BLOCK_BYTES = 12;
/** Ethernet, IP and TCP headers of a segment; FCS not counted. */
export const HEADER_BYTES = ETHERNET_HEADER_BYTES + IP_HEADER_BYTES + TCP_HEADER_BYTES;
/** Payload of a full segment with timestamps on: 1448 bytes, a 1514-byte frame, 1538 bytes of wire. */
export const FULL_PAYLOAD_BYTES = MTU_BYTES - IP_HEADER_BYTES - TCP_HEADER_BYTES - TIMESTAMP_BYTES;

/** Numbers in one frame of a lane, or in one run of frames. */
export const FRAME_WORDS = 10;
/** Frame length in bytes without FCS, preamble and gap. */
export const BYTES = 0;
/** First payload byte as an absolute offset in the stream, never wrapped. */
export const SEQ = 1;
/** SEQ of a frame that is no segment of the connection to the server: an ACK alone, another connection's, another protocol's. Its PAYLOAD is 0, whatever it carries. */
export const NO_SEGMENT = -1;
/** Payload bytes. */
export const PAYLOAD = 2;
/** Next byte expected from the other side, absolute. */
export const ACK = 3;
/** Receive window in bytes, already scaled. */
export const WINDOW = 4;
/** First SACK block [SACK_LOW, SACK_HIGH), absolute; 0 and 0 when there is none. */
export const SACK_LOW = 5;
export const SACK_HIGH = 6;
/** Bits of FLAG_*. */
export const FLAGS = 7;
/**
 * Frames of a run, 0 or 1 for a single one: they have the first one's size and flags, follow one another in the stream, and arrive SPACING ticks apart.
 */
export const COUNT = 8;
export const SPACING = 9;

export const FLAG_FIN = 1;
export const FLAG_SYN = 2;
export const FLAG_RST = 4;
export const FLAG_PSH = 8;
/** Not on a real wire: the segment was sent before. */
export const FLAG_RETRANSMIT = 256;
/** Not on a real wire: a zero-window probe, one byte below the window and without payload. */
export const FLAG_PROBE = 512;

/** Length of a TCP frame in bytes, FCS not counted, padding not added. */
export function segmentBytes(payload: number, timestamps = true, sackBlock = false): number {
  return HEADER_BYTES + (timestamps ? TIMESTAMP_BYTES : 0) + (sackBlock ? SACK_BLOCK_BYTES : 0) + payload;
}

/** Bytes of port time that a frame of `bytes` takes: padding, preamble, FCS and gap included. */
export function wireBytes(bytes: number): number {
  return (bytes < MIN_FRAME_BYTES ? MIN_FRAME_BYTES : bytes) + WIRE_OVERHEAD_BYTES;
}

/** Largest payload of a segment in one Ethernet frame. */
export function maxPayload(timestamps: boolean): number {
  return timestamps ? FULL_PAYLOAD_BYTES : FULL_PAYLOAD_BYTES + TIMESTAMP_BYTES;
}
