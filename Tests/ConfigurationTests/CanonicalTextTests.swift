import Configuration
import Diagnostics
import Testing

@Suite struct CanonicalTextTests {
  @Test func show() throws {
    let s = try Settings(text: Samples.text, source: "conv.yaml", schema: Samples.top)
    print(s.yaml(includingAll: true))
    print(s.yaml(includingAll: false))
    print(documentation(of: Samples.top))
    for (t, o) in [
      ("seed: ten", []), ("seed: 1e3", []), ("name: x\nseed: 1\nname: 2", []),
      ("a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", []), ("a:\n\tb: 2", []),
      ("a: &x 3", []), ("a: !!binary x", []), ("a: *x", []), ("a: b: c", []), ("- 1", []),
      ("# x", []), ("", []), ("a: 1\n---\nb: 1", []), ("leraning: 1", []),
      (Samples.text, ["optimizer.adam.leraning_rate=1"]),
      (Samples.text, ["model.2.residual.body.0.conv.kernel=0"]),
      (Samples.text, ["optimizer.learning_rate=0.1"]),
      (Samples.text, ["optimizer.sgd.learning_rate=0.1"]), (Samples.text, ["model.9.conv=0.1"]),
      (Samples.text, ["seed.x=0.1"]), (Samples.text, ["seed"]), (Samples.text, ["seed="]),
      (Samples.text, ["seed=[1"]), (Samples.text, ["data.batch=\u{7}"]),
      (Samples.text, ["data.batch=99999999999999999999"]), (Samples.text, ["data.validation=a"]),
      (Samples.text, ["model=[{conv: 3, kernel: 2}]"]), (Samples.text, ["model=[cnv]"]),
      (Samples.text, ["train={epochs: ten}"]), ("model: []", []), ("data: {batch: 3}", []),
      ("data: {dataset: [3]}\nmodel: [relu: 3]", []), ("data: {dataset: 3}\nmodel: [relu: 3]", []),
    ] as [(String, [String])] {
      do {
        _ = try Settings(text: t, source: "conv.yaml", set: o, schema: Samples.top);
        print("OK?", t, o)
      } catch { print(error.code, error) }
    }
  }
}
