// xmllint judges the schema and what we write: it has its own driver around libxml2.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "config/relax_ng_schema.hpp"
#include "rfc_example.hpp"
#include "test_document.hpp"

namespace carillon::config {
namespace {

class SchemaJudge : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "carillon-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory = name;
    write("overlay.rng", std::string(relax_ng_schema()));
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory / name, std::ios::binary) << text;
  }
  bool is_valid(const std::string& document) {
    write("overlay.xml", document);
    return std::system(("cd '" + directory.string() +
                        "' && xmllint --nonet --noout --relaxng overlay.rng overlay.xml "
                        "> output 2>&1")
                           .c_str()) == 0;
  }

  std::filesystem::path directory;
  TestDocument made;
};

TEST_F(SchemaJudge, AcceptsTheRfcsExample) {
  EXPECT_TRUE(is_valid(rfc_example));
}

TEST_F(SchemaJudge, AcceptsWhatWeWrite) {
  EXPECT_TRUE(is_valid(made.text()));
}

TEST_F(SchemaJudge, RefusesWhatTheSchemaRefuses) {
  EXPECT_FALSE(is_valid(replaced(made.text(), "<turn-density>", "<foo/><turn-density>")));
  EXPECT_FALSE(is_valid(replaced(made.text(), "<max-size>", "<max-size>x")));
  EXPECT_FALSE(is_valid(replaced(made.text(), "instance-name", "instance")));
}

}  // namespace
}  // namespace carillon::config
