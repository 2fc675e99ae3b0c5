export interface TakeFlags {
  readonly opening: string;
  readonly writeOpening: string;
}

export interface ProveFlags {
  readonly opening: string;
  readonly listing: string;
  readonly out: string;
  readonly provingKey?: string;
  readonly circuits?: string;
}
