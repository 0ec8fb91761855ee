ALTER TABLE "matches" ADD COLUMN "due_at" bigint;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "abandoned_at" bigint;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "drop_tried_at" bigint;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "dropped_at" bigint;--> statement-breakpoint
CREATE INDEX "matches_due" ON "matches" USING btree ("due_at") WHERE "matches"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "matches_owed" ON "matches" USING btree ("abandoned_at") WHERE "matches"."abandoned_at" is not null and "matches"."dropped_at" is null;