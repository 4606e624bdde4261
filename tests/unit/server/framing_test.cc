// The reference set of raw requests: each is sent whole and byte by byte.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/unit/server/raw_client.h"
#include "tests/unit/server/test_server.h"

namespace tagswell {
namespace {

struct FramingCase {
  std::string name;
  std::string want;
  std::string raw;
};

std::vector<FramingCase> ReadCases() {
  const char* shared = std::getenv("TAGSWELL_SHARED");
  std::ifstream file(std::string(shared ? shared : TAGSWELL_SHARED_DIR) + "/data/http/framing.jsonl");
  std::vector<FramingCase> cases;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(file, line);) {
    const simdjson::dom::element element = parser.parse(line);
    const std::string base64(element["raw_base64"].get_string().value());
    std::string raw(base64.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(raw.data()),
                        reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
    const auto padding = static_cast<std::size_t>(std::ranges::count(base64, '='));
    raw.resize(static_cast<std::size_t>(size) - padding);
    cases.push_back({std::string(element["name"].get_string().value()),
                     std::string(element["want"].get_string().value()), std::move(raw)});
  }
  return cases;
}

// Accepted: the first answer is a 2xx. Refused: a 4xx or 5xx and nothing after, or the end, or only more waiting.
std::string Judge(std::uint16_t port, const FramingCase& c, bool byte_by_byte) {
  RawClient client(port);
  for (std::size_t i = 0; byte_by_byte && i < c.raw.size(); ++i) {
    if (!client.Send(std::string_view(c.raw).substr(i, 1))) break;
  }
  if (!byte_by_byte) client.Send(c.raw);
  client.ShutdownSend();
  const int status = client.Receive().status;
  return status >= 200 && status < 300 ? "accept" : "reject";
}

TEST(Framing, JudgesEveryReferenceRequestAsAStrictServerDoes) {
  const std::vector<FramingCase> cases = ReadCases();
  if (cases.empty()) GTEST_SKIP() << "reference data is absent";
  TestServer server;
  std::size_t right = 0;
  for (const FramingCase& c : cases) {
    const std::string whole = Judge(server.port(), c, false);
    const std::string pieces = Judge(server.port(), c, true);
    EXPECT_EQ(whole, pieces) << c.name;
    if (c.want != "either") {
      EXPECT_EQ(whole, c.want) << c.name;
    }
    right += (c.want == "either" || whole == c.want) && whole == pieces;
  }
  std::cout << right << " of " << cases.size() << " framing cases\n";
}

}  // namespace
}  // namespace tagswell
