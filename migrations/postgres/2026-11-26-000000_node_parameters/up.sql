-- Leaves only: values of the metric's parameters by name, as JSON; null where all stand at their defaults.
ALTER TABLE scorecard_node ADD COLUMN parameters TEXT COLLATE "C" CHECK (parameters IS NULL OR metric IS NOT NULL);
