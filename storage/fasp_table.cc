#include "storage/fasp_table.h"

#include <rocksdb/iterator.h>

#include <memory>
#include <string_view>

#include "storage/database.h"
#include "storage/meta_keys.h"
#include "storage/text_codec.h"

namespace tagswell {
namespace {

std::string Encode(const FaspServer& server) {
  std::string value;
  AppendTime(server.since, value);
  value += server.trends ? '\1' : '\0';
  for (const std::string* text : {&server.by, &server.url, &server.base_url, &server.fasp_id, &server.public_key,
                                  &server.private_key, &server.completion_url})
    AppendText(*text, value);
  return value;
}

bool Decode(std::string_view bytes, FaspServer& server) {
  if (!TakeTime(bytes, server.since) || bytes.empty()) return false;
  server.trends = bytes.front() != '\0';
  bytes.remove_prefix(1);
  for (std::string* text : {&server.by, &server.url, &server.base_url, &server.fasp_id, &server.public_key,
                            &server.private_key, &server.completion_url}) {
    if (!TakeText(bytes, *text)) return false;
  }
  return true;
}

}  // namespace

std::expected<std::map<std::string, FaspServer, std::less<>>, Error> FaspTable::All() const {
  std::map<std::string, FaspServer, std::less<>> all;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kMeta)));
  const std::string prefix(1, kFaspPrefix);
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const std::string id = it->key().ToString().substr(1);
    if (!Decode({it->value().data(), it->value().size()}, all[id])) {
      return std::unexpected(Error{.code = "storage_failed", .detail = "a row of a fediverse server is damaged"});
    }
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return all;
}

std::expected<void, Error> FaspTable::Put(const std::string& id, const FaspServer& server,
                                          const std::optional<AuditEntry>& audit) {
  rocksdb::WriteBatch batch;
  batch.Put(database_.family(Family::kMeta), kFaspPrefix + id, Encode(server));
  if (audit) audit_.Add(*audit, batch);
  return database_.Write(batch, /*sync=*/true);
}

std::expected<void, Error> FaspTable::Remove(const std::string& id, const AuditEntry& audit) {
  rocksdb::WriteBatch batch;
  batch.Delete(database_.family(Family::kMeta), kFaspPrefix + id);
  audit_.Add(audit, batch);
  return database_.Write(batch, /*sync=*/true);
}

}  // namespace tagswell
