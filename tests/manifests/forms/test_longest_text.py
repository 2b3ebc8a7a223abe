import pyarrow as pa

from bappsmith.manifests.forms.longest_text import longest_text


def test_the_longest_text_in_bytes():
    texts = pa.array(["a", None, "äöü"])
    assert longest_text(texts) == 6
    assert longest_text(pa.chunked_array([texts.dictionary_encode(), pa.array(["b" * 9]).dictionary_encode()])) == 9
    assert longest_text(pa.array([None], pa.string())) == longest_text(pa.chunked_array([], pa.string())) == 0
