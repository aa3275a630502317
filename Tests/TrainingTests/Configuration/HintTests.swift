import Configuration
import Diagnostics
import Testing
import Training

/// What users of PyTorch and Keras type, and what the message names.
@Suite struct HintTests {
  private func message(_ change: String) -> String? {
    let text = """
      name: net
      data: {dataset: digits, batch: 40}
      model: [flatten, {dense: 10}, {dropout: 0.5}, {conv: 3}, {maxpool: 2}, {embedding: {entries: 2, size: 2}}]
      loss: cross_entropy
      optimizer: adam

      """
    do {
      _ = try Settings(text: text, set: [change], schema: RunConfiguration.record)
      return nil
    } catch {
      return error.message
    }
  }

  @Test(arguments: [
    ("optimizer.adam.lr=1", "'learning_rate'"), ("optimizer.adam.eps=1", "'epsilon'"),
    ("optimizer.adam.betas=[0.9, 0.99]", "beta1 and beta2"), ("optimizer=Adam", "'adam'"),
    ("optimizer=AdamW", "'adamw'"), ("optimizer={lr: 1}", "'optimizer.adam.learning_rate'"),
    ("optimizer.adam.momentum=1", "'optimizer.sgd.momentum'"),
    ("lr=1", "'optimizer.adam.learning_rate'"),
    ("weight_decay=1", "'optimizer.adam.weight_decay'"),
    ("penalty.weight_decay=1", "'optimizer.adam.weight_decay'"),
    ("batch_size=3", "'data.batch'"), ("data.batch_size=3", "'batch'"),
    ("train.batch_size=3", "'data.batch'"), ("data.num_workers=3", "--workers N"),
    ("data.shuffle=true", "shuffled in every epoch"), ("data.normalize=true", "'normalise'"),
    ("data.transforms=[]", "'augment'"), ("data.path=x", "'from'"),
    ("num_epochs=3", "'train.epochs'"), ("train.num_epochs=3", "'epochs'"),
    ("epochs=3", "'train.epochs'"), ("train.max_steps=3", "'steps'"),
    ("train.early_stopping=3", "'early_stop'"), ("early_stopping=3", "'train.early_stop'"),
    ("train.early_stop.monitor=loss", "'figure'"),
    ("train.checkpoint.save_top_k=3", "'keep'"), ("train.accumulate=2", "larger batch"),
    ("lr_scheduler=cosine", "'schedule'"), ("schedule=CosineAnnealingLR", "'cosine'"),
    ("schedule={step: {step_size: 3}}", "'every'"), ("schedule={step: {gamma: 3}}", "'factor'"),
    ("schedule={exponential: {gamma: 3}}", "'decay'"),
    ("device=cuda", "on the CPU"), ("workers=3", "--workers N"), ("precision=16", "float32"),
    ("grad_clip=1", "'clip'"), ("clip={max_norm: 1}", "'norm'"), ("manual_seed=1", "'seed'"),
    ("criterion=mse", "'loss'"),
    ("loss=bce", "'binary_cross_entropy'"), ("loss=BCEWithLogitsLoss", "'binary_cross_entropy'"),
    ("loss=nll_loss", "'cross_entropy'"), ("loss=CrossEntropyLoss", "'cross_entropy'"),
    ("loss=smooth_l1", "'huber'"), ("loss=MSELoss", "'mse'"), ("loss=l1", "'mae'"),
    ("loss={cross_entropy: {weight: [1]}}", "'class_weights'"),
    ("loss={binary_cross_entropy: {pos_weight: 2}}", "'positive_weight'"),
    ("loss={huber: {beta: 2}}", "'delta'"),
    ("model=[linear]", "'dense'"), ("model=[fc]", "'dense'"), ("model=[silu]", "'swish'"),
    ("model=[conv1d]", "[1, length, channels]"), ("model=[Conv2d]", "'conv'"),
    ("model=[maxpool2d]", "'maxpool'"), ("model=[batch_norm]", "'batchnorm'"),
    ("model=[AdaptiveAvgPool2d]", "'global_avgpool'"), ("model=[log_softmax]", "leave it out"),
    ("model=[MultiheadAttention]", "'attention'"), ("model=[TransformerEncoder]", "'transformer'"),
    ("model=[positional_encoding]", "'positions'"),
    ("model=[{attention: {num_heads: 3}}]", "'heads'"),
    ("model=[{attention: {heads: 3, is_causal: true}}]", "'causal'"),
    ("model=[{transformer: {blocks: 1, heads: 1, dim_feedforward: 3}}]", "'hidden'"),
    ("model=[BiLSTM]", "direction: both"), ("model=[{lstm: {hidden_size: 3}}]", "'units'"),
    ("model=[{gru: {units: 3, num_layers: 2}}]", "'layers'"),
    ("model=[{gru: {units: 3, return_sequences: true}}]", "sequence or last"),
    ("model=[{rnn: {units: 3, bidirectional: true}}]", "'direction'"),
    ("model=[{rnn: {units: 3, batch_first: true}}]", "leave it out"),
    ("model=[blob]", "nn-dist reference layer lists"),
    ("model.1.dense.out_features=3", "'units'"), ("model.1.dense.use_bias=true", "'bias'"),
    ("model.1.dense.activation=relu", "a separate layer"),
    ("model.1.dense.in_features=3", "leave it out"),
    ("model.1.dense.init=kaiming_normal", "'he_normal'"), ("model.2.dropout.p=0.5", "'rate'"),
    ("model.3.conv.out_channels=3", "'filters'"), ("model.3.conv.kernel_size=3", "'kernel'"),
    ("model.4.maxpool.pool_size=3", "'size'"),
    ("model.5.embedding.num_embeddings=3", "'entries'"), ("engine=mkldnn", "'onednn'"),
  ])
  func namesWhatToWrite(_ change: String, _ text: String) throws {
    let message = try #require(self.message(change))
    #expect(message.contains(text), "\(message)")
  }

  /// A suggested path is one that --set takes.
  @Test(arguments: [
    "lr", "eps", "betas", "weight_decay", "momentum", "batch_size", "droplast", "validation_split",
    "transforms", "path", "normalize", "epochs", "steps", "early_stopping", "patience", "metrics",
    "checkpoint", "save_best_only", "save_every", "save_top_k", "pretrained", "manual_seed",
    "criterion", "layers", "run_name", "grad_clip", "n_critic", "gradient_penalty", "latent_dim",
    "lr_scheduler", "optim",
  ])
  func suggestedKeysExist(_ word: String) throws {
    let key = try #require(Suggestion.key(for: word))
    let optimizer = key.hasPrefix("optimizer.sgd") ? ["optimizer=sgd"] : []
    var failure: Failure?
    do throws(Failure) {
      _ = try Settings(
        text: "optimizer: adam", set: optimizer + ["\(key)=x"], schema: RunConfiguration.record)
    } catch { failure = error }
    #expect(failure?.message.contains("unknown") == false, "\(String(describing: failure))")
  }

  @Test func rangesAreNamedOnce() throws {
    let message = try #require(self.message("model.3.conv.padding=-1"))
    #expect(message.components("same, valid") == 1 && message.components("0 to 4096") == 1)
    let seed = try #require(self.message("seed=99999999999999999999"))
    #expect(seed.hasSuffix("found '99999999999999999999' (at most 9223372036854775807)"))
  }

  @Test func numbersAreQuotedAsTheyStand() throws {
    for number in ["1e300", "1099511627776"] {
      let message = try #require(self.message("model.3.conv.filters=\(number)"))
      #expect(message.contains("found '\(number)'"))
    }
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
