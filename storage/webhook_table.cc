#include "storage/webhook_table.h"

#include <rocksdb/iterator.h>

#include <memory>

#include "storage/database.h"
#include "storage/meta_keys.h"
#include "storage/text_codec.h"

namespace tagswell {
namespace {

std::string_view AsView(rocksdb::Slice slice) {
  return {slice.data(), slice.size()};
}

std::unexpected<Error> Damaged() {
  return std::unexpected(Error{.code = "storage_failed", .detail = "a row of a webhook is damaged"});
}

std::string DeadKey(const std::string& name, std::uint64_t seq) {
  std::string key = kDeadLetterPrefix + name + '\0';
  AppendBig(seq, key);
  return key;
}

std::string Encode(const Webhook& webhook) {
  std::string value;
  AppendTime(webhook.since, value);
  for (const std::string* text : {&webhook.by, &webhook.url, &webhook.secret}) AppendText(*text, value);
  for (const auto* texts : {&webhook.scopes, &webhook.topics, &webhook.types}) AppendTexts(*texts, value);
  return value;
}

bool Decode(std::string_view bytes, Webhook& webhook) {
  return TakeTime(bytes, webhook.since) && TakeText(bytes, webhook.by) && TakeText(bytes, webhook.url) &&
         TakeText(bytes, webhook.secret) && TakeTexts(bytes, webhook.scopes) && TakeTexts(bytes, webhook.topics) &&
         TakeTexts(bytes, webhook.types);
}

std::string Encode(const WebhookCursor& cursor) {
  std::string value;
  AppendTime(cursor.failing_since, value);
  AppendVarint(cursor.after_seq, value);
  AppendVarint(cursor.attempts, value);
  return value;
}

}  // namespace

std::expected<std::map<std::string, Webhook, std::less<>>, Error> WebhookTable::All() const {
  std::map<std::string, Webhook, std::less<>> all;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kMeta)));
  const std::string prefix(1, kWebhookPrefix);
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    if (!Decode(AsView(it->value()), all[std::string(AsView(it->key()).substr(1))])) return Damaged();
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return all;
}

std::expected<void, Error> WebhookTable::Change(const std::string& name, const Webhook& webhook,
                                                const std::optional<WebhookCursor>& cursor, const AuditEntry& audit) {
  rocksdb::WriteBatch batch;
  rocksdb::ColumnFamilyHandle* const meta = database_.family(Family::kMeta);
  batch.Put(meta, kWebhookPrefix + name, Encode(webhook));
  if (cursor) batch.Put(meta, kWebhookCursorPrefix + name, Encode(*cursor));
  audit_.Add(audit, batch);
  return database_.Write(batch, /*sync=*/true);
}

std::expected<void, Error> WebhookTable::Remove(const std::string& name, const AuditEntry& audit) {
  rocksdb::WriteBatch batch;
  rocksdb::ColumnFamilyHandle* const meta = database_.family(Family::kMeta);
  batch.Delete(meta, kWebhookPrefix + name);
  batch.Delete(meta, kWebhookCursorPrefix + name);
  batch.DeleteRange(meta, DeadKey(name, 0), DeadKey(name, ~std::uint64_t{0}));
  audit_.Add(audit, batch);
  return database_.Write(batch, /*sync=*/true);
}

std::expected<WebhookCursor, Error> WebhookTable::Cursor(const std::string& name) const {
  const auto value = database_.Get(Family::kMeta, kWebhookCursorPrefix + name);
  if (!value) return std::unexpected(value.error());
  WebhookCursor cursor;
  if (!*value) return cursor;
  std::string_view bytes = **value;
  if (!TakeTime(bytes, cursor.failing_since)) return Damaged();
  const auto after_seq = TakeVarint(bytes);
  const auto attempts = TakeVarint(bytes);
  if (!after_seq || !attempts) return Damaged();
  cursor.after_seq = *after_seq;
  cursor.attempts = *attempts;
  return cursor;
}

std::expected<void, Error> WebhookTable::Advance(const std::string& name, const WebhookCursor& cursor,
                                                 const std::optional<DeadLetter>& dead) {
  rocksdb::WriteBatch batch;
  rocksdb::ColumnFamilyHandle* const meta = database_.family(Family::kMeta);
  batch.Put(meta, kWebhookCursorPrefix + name, Encode(cursor));
  if (dead) {
    std::string value;
    AppendTime(dead->at, value);
    AppendVarint(dead->attempts, value);
    AppendText(dead->reason, value);
    batch.Put(meta, DeadKey(name, dead->seq), value);
  }
  return database_.Write(batch, /*sync=*/false);
}

std::expected<std::vector<DeadLetter>, Error> WebhookTable::Dead(const std::string& name, std::uint64_t since,
                                                                 std::size_t limit) const {
  std::vector<DeadLetter> dead;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kMeta)));
  const std::string prefix = kDeadLetterPrefix + name + '\0';
  for (it->Seek(DeadKey(name, since)); it->Valid() && it->key().starts_with(prefix) && dead.size() < limit;
       it->Next()) {
    std::string_view key = AsView(it->key()).substr(prefix.size());
    if (key.size() != sizeof(std::uint64_t)) return Damaged();
    DeadLetter letter{.seq = LoadBig<std::uint64_t>(key), .at = {}, .attempts = 0, .reason = {}};
    if (letter.seq <= since) continue;
    std::string_view bytes = AsView(it->value());
    if (!TakeTime(bytes, letter.at)) return Damaged();
    const auto attempts = TakeVarint(bytes);
    if (!attempts || !TakeText(bytes, letter.reason)) return Damaged();
    letter.attempts = *attempts;
    dead.push_back(std::move(letter));
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return dead;
}

}  // namespace tagswell
