import { LINUX_CUBIC, type CubicParameters } from './cubic.ts';
import { LINUX_ROUND_TRIP, type RoundTripParameters } from './round-trip.ts';

export interface TcpSenderParameters {
  /** Payload of a full segment in bytes. */
  readonly mss: number;
  /** First congestion window in segments. */
  readonly initialWindow: number;
  /** The socket buffer's bound on bytes in flight. */
  readonly sendWindow: number;
  /** Receive window of the handshake in bytes. */
  readonly peerWindow: number;
  /** SACKed segments above one, or duplicate ACKs, that make it lost. */
  readonly duplicateThreshold: number;
  readonly cubic: CubicParameters;
  readonly roundTrip: RoundTripParameters;
}

/** Linux's values. `sendWindow`: 87,380 bytes is 60 full segments; see `load-costs.ts` for its range. */
export const LINUX_SENDER: TcpSenderParameters = {
  mss: 1448, initialWindow: 10, sendWindow: 87_380, peerWindow: 65_535, duplicateThreshold: 3, cubic: LINUX_CUBIC, roundTrip: LINUX_ROUND_TRIP,
};
