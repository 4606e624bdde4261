// The fediverse servers that this one is an auxiliary service provider (FASP) of, on disk. All is called once, the rest
// belongs to the writer's thread, for it leaves entries in the audit log.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "proto/error.h"
#include "proto/time.h"
#include "storage/audit_log.h"

namespace tagswell {

struct FaspServer {
  std::string url;             // of the server
  std::string base_url;        // where it answers providers
  std::string fasp_id;         // what it calls us
  std::string public_key;      // its own, 32 bytes of Ed25519
  std::string private_key;     // ours for it, 32 bytes; a secret
  std::string completion_url;  // where its administrator accepts us; may be empty
  bool trends = false;         // it switched the capability on
  Timestamp since;             // wall clock
  std::string by;              // name of a token; empty without one
};

class FaspTable {
 public:
  FaspTable(Database& database, AuditLog& audit) : database_(database), audit_(audit) {}

  // By what we call them.
  std::expected<std::map<std::string, FaspServer, std::less<>>, Error> All() const;

  // Makes or changes one, durable when it returns. `audit` where an operator did it.
  std::expected<void, Error> Put(const std::string& id, const FaspServer& server,
                                 const std::optional<AuditEntry>& audit);
  std::expected<void, Error> Remove(const std::string& id, const AuditEntry& audit);

 private:
  Database& database_;
  AuditLog& audit_;
};

}  // namespace tagswell
