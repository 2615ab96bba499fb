CREATE TABLE rechnungen (
  id         text,
  kunde      text NOT NULL,
  positionen jsonb NOT NULL,
  faellig    date NOT NULL,
  bezahlt    boolean DEFAULT false
);

CREATE TABLE zahlungen (
  rechnung text,
  betrag   real NOT NULL,
  wann     timestamp DEFAULT now()
);
