ALTER TABLE "settled_standings" DROP CONSTRAINT "settled_standings_season";
