/**
 * Order of events that fall on the same tick: lower fires first. Equal tick and priority: first scheduled, first fired.
 * Every constant has its reason; nothing else decides ties.
 */
export const Priority = {
  /** Window boundaries: a measurement window [a, b) holds what happens at a and not what happens at b. */
  boundary: 0,
  /** Bytes reach memory before anything announces them, as PCI ordering guarantees for a posted write followed by a message. */
  dma: 10,
  /** A frame's last bit reaches a port. After DMA: a descriptor that frees at this tick can take the frame. */
  wire: 20,
  /** Device timers (ITR, RDTR, PIT, HPET, LAPIC): they see every frame of this tick, as a counter that expires late in the cycle would. */
  timer: 30,
  /** Interrupt lines and messages: raised once all device state of this tick is in place. */
  interrupt: 40,
  /** Load generators on other machines: nothing on the measured machine may depend on their order inside a tick. */
  load: 50,
} as const;
