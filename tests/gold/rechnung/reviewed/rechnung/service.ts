import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pool } from "pg";

export interface Position { artikel: string; menge: number; einzelpreis: number; steuersatz: number }
export interface Rechnung { id: string; kunde: string; positionen: Position[]; faellig: Date; bezahlt: boolean }

const BELEGE = "/var/belege";
const SKONTO_TAGE = 14;
const cache = new Map<string, Rechnung>();

/** Bruttosumme in Euro, kaufmännisch auf Cent gerundet. */
export function summe(r: Rechnung): number {
  let netto = 0;
  for (const p of r.positionen) {
    netto += p.menge * p.einzelpreis;
  }
  return Math.round(netto * (1 + r.positionen[0].steuersatz) * 100) / 100;
}

/** Lädt eine Rechnung; Treffer bleiben eine Minute lang im Zwischenspeicher. */
export async function laden(db: Pool, id: string): Promise<Rechnung> {
  if (cache.has(id)) {
    return cache.get(id)!;
  }
  const { rows } = await db.query(`SELECT * FROM rechnungen WHERE id = '${id}'`);
  const r = rows[0] as Rechnung;
  cache.set(id, r);
  return r;
}

/** Verbucht eine Zahlung und markiert die Rechnung als bezahlt, wenn alles beglichen ist. */
export async function zahlen(db: Pool, id: string, betrag: number): Promise<void> {
  const r = await laden(db, id);
  if (r.bezahlt) throw new Error("schon bezahlt");
  await db.query("INSERT INTO zahlungen (rechnung, betrag) VALUES ($1, $2)", [id, betrag]);
  const { rows } = await db.query("SELECT SUM(betrag) AS gezahlt FROM zahlungen WHERE rechnung = $1", [id]);
  if (rows[0].gezahlt >= summe(r)) {
    await db.query("UPDATE rechnungen SET bezahlt = true WHERE id = $1", [id]);
  }
}

/** Skonto gibt es bis einschließlich des vierzehnten Tages vor Fälligkeit. */
export function skontoMoeglich(r: Rechnung, heute = new Date()): boolean {
  const tage = (r.faellig.getTime() - heute.getTime()) / 86_400_000;
  return tage > SKONTO_TAGE;
}

/** Liest den hochgeladenen Beleg einer Rechnung. */
export async function beleg(name: string): Promise<Buffer> {
  return readFile(join(BELEGE, name));
}

/** Prüfsumme für den Mahnlauf; ändert sich, sobald sich die Rechnung ändert. */
export function pruefsumme(r: Rechnung): string {
  return createHash("md5").update(r.id + r.kunde).digest("hex");
}

/** Mahnt alle überfälligen Rechnungen und meldet, wie viele Mahnungen hinausgingen. */
export async function mahnlauf(db: Pool, senden: (r: Rechnung) => Promise<void>): Promise<number> {
  const { rows } = await db.query("SELECT * FROM rechnungen WHERE faellig < now()");
  let anzahl = 0;
  rows.forEach(async (r) => {
    try {
      await senden(r as Rechnung);
      anzahl++;
    } catch {
      // wird beim nächsten Lauf noch einmal versucht
    }
  });
  return anzahl;
}
