// Who changed what: every change that an operator made, for as long as the store lasts. Any thread may read; the writer
// thread adds.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/time.h"

namespace rocksdb {
class WriteBatch;
}

namespace tagswell {

class Database;

struct AuditEntry {
  Timestamp at;             // wall clock
  std::string by;           // name of a token; empty: no tokens were configured, or the configuration said it
  std::string remote;       // address of the caller; empty: the configuration
  std::string action;       // "block", "unblock", "alias", ...
  std::string subject;      // the topic or the name that was changed
  std::string detail = {};  // a JSON object that says how; empty when there is no more to say. Never a secret
};

class AuditLog {
 public:
  explicit AuditLog(Database& database) : database_(database) {}

  std::expected<void, Error> Open();

  // Puts the entry into what is about to be written with the change itself.
  void Add(const AuditEntry& entry, rocksdb::WriteBatch& batch);

  // Of what is no change of the store. Writer's thread; synced.
  std::expected<void, Error> Write(const AuditEntry& entry);

  struct Numbered {
    std::uint64_t seq = 0;  // 1, 2, 3, ...
    AuditEntry entry;
  };
  // Up to `limit` entries after `since`, in order. Error: storage_failed.
  std::expected<std::vector<Numbered>, Error> Read(std::uint64_t since, std::size_t limit) const;

 private:
  Database& database_;
  std::uint64_t last_ = 0;
};

}  // namespace tagswell
