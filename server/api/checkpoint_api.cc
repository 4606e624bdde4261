#include "server/api/checkpoint_api.h"

#include <filesystem>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

// On the store's own file system, where sorted files are linked and not copied.
constexpr const char* kFolder = "backups";

Response MakeCopy(Pipeline& pipeline, const std::filesystem::path& folder, const std::string& by,
                  const std::string& remote, Timestamp now) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Problem(503, "storage_failed", "Cannot make " + folder.string() + ": " + error.message());
  const std::filesystem::path copy = folder / FormatTimestamp(now);
  const std::uint64_t posts = pipeline.store().log().PostCount();
  if (auto made = pipeline.store().CheckpointTo(copy); !made) return SubmitProblem(made.error());
  Log(LogLevel::kInfo, "admin", {{"action", "checkpoint"}, {"path", copy.string()}, {"by", by}, {"remote", remote}});
  JsonWriter json;
  json.BeginObject();
  json.Field("path", copy.string());
  json.Field("epoch", pipeline.store().epoch());
  json.Field("posts", posts);
  json.EndObject();
  return JsonResponse(201, json.Take());
}

}  // namespace

void AddCheckpointRoute(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kPost,
                    .pattern = "/v1/checkpoint",
                    .role = Role::kAdmin,
                    .query = {},
                    .handler = WithPipeline(
                        api,
                        [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                          if (pipeline.store().FreeBytesLow()) {
                            return reply(Problem(507, "disk_full", "The disk of the store is nearly full."));
                          }
                          pipeline.ReadAtLength([&api, &pipeline, by = std::move(request.token),
                                                 remote = std::move(request.remote),
                                                 reply = std::move(reply)](std::expected<void, Error> turn) mutable {
                            if (!turn) return reply(SubmitProblem(turn.error()));
                            const auto folder = std::filesystem::absolute(api.config().data_dir) / kFolder;
                            reply(MakeCopy(pipeline, folder, by, remote, api.clock().Now()));
                          });
                        }),
                    .websocket = {}});
}

}  // namespace tagswell
