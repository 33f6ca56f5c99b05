"""Pictures of the evidence folder as data URIs."""

from twohit.report.pictures import Pictures


def test_a_name_too_long_for_a_file_has_no_picture(tmp_path):
    assert Pictures(tmp_path).embed(f"T1.{'G' * 300}.locus") is None
    longest = "G" * 251
    (tmp_path / f"{longest}.svg").write_text("<svg/>")
    assert Pictures(tmp_path).embed(longest).startswith("data:image/svg+xml;base64,")
