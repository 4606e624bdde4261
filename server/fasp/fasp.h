// This server as an auxiliary service provider of fediverse servers (FASP): the servers it registered with, each with a
// pair of keys of its own. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "proto/error.h"
#include "server/clock.h"
#include "server/fasp/http_signature.h"
#include "server/net/http.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/side_thread.h"
#include "server/webhooks/address_rule.h"
#include "storage/fasp_table.h"

namespace tagswell {

struct FaspOptions {
  std::string name;       // what administrators are shown
  std::string url;        // of this server, as they reach it; without '/' at the end
  std::string path;       // of the stream below that: "", "/v1/streams/NAME"
  AddressRule addresses;  // where servers may be

  std::string BaseUrl() const { return url + path; }
};

class Fasp {
 public:
  static constexpr std::size_t kServersMax = 1'000;

  // Pipeline and clock outlive it.
  Fasp(FaspOptions options, Pipeline& pipeline, const Clock& clock);
  ~Fasp();

  // Reads what there is.
  std::expected<void, Error> Start();
  // A registration that is under way ends without one. Idempotent.
  void Stop();

  const FaspOptions& options() const { return options_; }

  struct Wish {
    std::string url;       // of the fediverse server
    std::string base_url;  // where it answers providers; empty: as its NodeInfo says
    std::string by;
    std::string remote;
  };
  // Asks the server to register this one, with new keys, which takes seconds. `done` is told how it is called. Errors:
  // bad_url, already_registered, too_many_servers, registration_failed, those of Pipeline::Submit. `done` as for
  // Pipeline::Submit.
  void Register(Wish wish, std::move_only_function<void(std::expected<std::string, Error>)> done);
  // Its requests are refused from then on. Error besides: not_found.
  void Remove(std::string id, std::string by, std::string remote,
              std::move_only_function<void(std::expected<void, Error>)> done);
  // The server switches the capability trends on or off.
  void SetTrends(std::string id, bool active, std::move_only_function<void(std::expected<void, Error>)> done);

  using Servers = std::map<std::string, FaspServer, std::less<>>;
  Servers All() const;

  struct Signer {
    std::string id;
    FaspServer server;
    MessageSignature signature;
  };
  // Who signed the request. Errors: bad_signature, unknown_key.
  std::expected<Signer, Error> SignerOf(const Request& request) const;
  // The same by its headers alone, before there is a body: nothing is proved yet.
  std::expected<Signer, Error> ClaimedSigner(const Request& request) const;
  // A way back that signs for him.
  Reply Signing(const Signer& signer, Reply reply) const;

 private:
  std::expected<void, Error> MayRegister(const std::string& url) const;
  std::expected<FaspServer, Error> Ask(const Wish& wish, const std::string& id) const;
  // Writer's thread, which alone changes servers_: it reads them without the lock, and holds it only to change them.
  std::expected<void, Error> Add(const std::string& id, const FaspServer& server, const std::string& remote);
  std::expected<void, Error> Drop(const std::string& id, const std::string& by, const std::string& remote);
  std::expected<void, Error> Change(const std::string& id, bool trends);

  const FaspOptions options_;
  Pipeline& pipeline_;
  const Clock& clock_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;  // of servers_
  Servers servers_;
  SideThread registrar_;  // last: its jobs use the rest
};

}  // namespace tagswell
