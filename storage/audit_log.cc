#include "storage/audit_log.h"

#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <memory>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/meta_keys.h"
#include "storage/text_codec.h"

namespace tagswell {
namespace {

std::string KeyOf(std::uint64_t seq) {
  std::string key(1, kAuditPrefix);
  AppendBig(seq, key);
  return key;
}

std::string_view AsView(rocksdb::Slice slice) {
  return {slice.data(), slice.size()};
}

std::unexpected<Error> Damaged() {
  return std::unexpected(Error{.code = "storage_failed", .detail = "an entry of the audit log is damaged"});
}

}  // namespace

std::expected<void, Error> AuditLog::Open() {
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kMeta)));
  it->SeekForPrev(KeyOf(~std::uint64_t{0}));
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  if (!it->Valid() || it->key().size() != 9 || it->key()[0] != kAuditPrefix) return {};
  last_ = LoadBig<std::uint64_t>(AsView(it->key()).substr(1));
  return {};
}

void AuditLog::Add(const AuditEntry& entry, rocksdb::WriteBatch& batch) {
  std::string value;
  AppendLittle(static_cast<std::int64_t>(entry.at.time_since_epoch().count()), value);
  for (const std::string* text : {&entry.by, &entry.remote, &entry.action, &entry.subject, &entry.detail})
    AppendText(*text, value);
  batch.Put(database_.family(Family::kMeta), KeyOf(++last_), value);
}

std::expected<void, Error> AuditLog::Write(const AuditEntry& entry) {
  rocksdb::WriteBatch batch;
  Add(entry, batch);
  return database_.Write(batch, /*sync=*/true);
}

std::expected<std::vector<AuditLog::Numbered>, Error> AuditLog::Read(std::uint64_t since, std::size_t limit) const {
  std::vector<Numbered> entries;
  if (since == ~std::uint64_t{0}) return entries;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kMeta)));
  for (it->Seek(KeyOf(since + 1)); it->Valid() && entries.size() < limit; it->Next()) {
    if (it->key().size() != 9 || it->key()[0] != kAuditPrefix) break;
    std::string_view bytes = AsView(it->value());
    if (bytes.size() < sizeof(std::int64_t)) return Damaged();
    Numbered& read = entries.emplace_back();
    read.seq = LoadBig<std::uint64_t>(AsView(it->key()).substr(1));
    read.entry.at = Timestamp{Duration{LoadLittle<std::int64_t>(bytes)}};
    bytes.remove_prefix(sizeof(std::int64_t));
    AuditEntry& entry = read.entry;
    for (std::string* text : {&entry.by, &entry.remote, &entry.action, &entry.subject, &entry.detail}) {
      if (!TakeText(bytes, *text)) return Damaged();
    }
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return entries;
}

}  // namespace tagswell
