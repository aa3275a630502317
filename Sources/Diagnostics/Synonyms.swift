/// Words of PyTorch, Keras or Lightning for something that has another name or place here.
struct Synonym: Sendable {
  /// Lower-case letters and digits only.
  let words: [Substring]
  /// The name in nn-dist; empty if there is no equivalent.
  let name: String
  /// The prefix of the key's path (`data.`, empty at the top level); nil if it is not a key.
  let place: String?
  /// How the meaning differs.
  let note: String?

  private init(_ words: String, _ name: String, in place: String? = nil, _ note: String? = nil) {
    self.words = words.split(separator: " ")
    self.name = name
    self.place = place
    self.note = note
  }

  static let known =
    layers + layerKeys + losses + optimizers + schedules + sections + unsupported
    + commands

  private static let layers = [
    Synonym("linear fc fullyconnected innerproduct affine", "dense"),
    Synonym("conv2d convolution convolution2d", "conv"),
    Synonym(
      "conv1d convolution1d", "conv",
      "it has two dimensions: reshape to [1, length, channels] and kernel: [1, 3]"),
    Synonym(
      "convtranspose2d conv2dtranspose convolutiontranspose deconv deconvolution transposedconv",
      "conv_transpose"),
    Synonym("maxpool2d maxpooling maxpooling2d pool pooling", "maxpool"),
    Synonym("avgpool2d avgpooling averagepool averagepooling averagepooling2d meanpool", "avgpool"),
    Synonym(
      "adaptiveavgpool2d adaptiveavgpool globalavgpool2d globalaveragepool globalaveragepooling"
        + " globalaveragepooling2d gap", "global_avgpool", "it gives one number for each channel"),
    Synonym("zeropad2d zeropadding2d zeropad padding", "pad"),
    Synonym("upsample2d upsampling upsampling2d interpolate", "upsample"),
    Synonym("bn batchnorm1d batchnorm2d batchnormalization batchnormalisation", "batchnorm"),
    Synonym("ln layernormalization layernormalisation", "layernorm"),
    Synonym("in instancenorm2d instancenormalization instancenormalisation", "instancenorm"),
    Synonym("multiheadattention mha selfattention scaleddotproductattention", "attention"),
    Synonym(
      "transformerencoder transformerdecoder transformerencoderlayer transformerdecoderlayer",
      "transformer"),
    Synonym("ssm s6 s4 statespace statespacemodel selectivescan mambablock mamba2", "mamba"),
    Synonym("positionalencoding positionalembedding positionembedding", "positions"),
    Synonym("skip skipconnection shortcut resblock residualblock add", "residual"),
    Synonym("cat concatenate branches", "concat"),
    Synonym("view unflatten", "reshape"),
    Synonym("dropout1d alphadropout", "dropout"),
    Synonym(
      "dropout2d spatialdropout spatialdropout2d", "dropout", "it drops elements, not channels"),
    Synonym("silu", "swish"),
    Synonym("lrelu", "leaky_relu"),
    Synonym("parametricrelu", "prelu"),
    Synonym("logistic", "sigmoid"),
    Synonym("rescaling", "scale"),
    Synonym("simplernn elman vanillarnn rnncell", "rnn"),
    Synonym("lstmcell", "lstm"),
    Synonym("bilstm", "lstm", "with direction: both"),
    Synonym("grucell", "gru"),
    Synonym("bigru", "gru", "with direction: both"),
  ]

  private static let layerKeys = [
    Synonym("outfeatures outputs neurons features size", "units"),
    Synonym("outchannels channels nfilters features", "filters"),
    Synonym("kernelsize ksize filtersize", "kernel"),
    Synonym("poolsize windowsize kernelsize kernel window", "size"),
    Synonym("dilationrate", "dilation"),
    Synonym("usebias", "bias"),
    Synonym("kernelinitializer initializer initialiser initialization weightinit", "init"),
    Synonym("kernelconstraint", "constraint"),
    Synonym("hiddensize hidden hiddenunits", "units"),
    Synonym("numlayers nlayers depth", "layers"),
    Synonym("numheads nhead nheads", "heads"),
    Synonym("iscausal", "causal"),
    Synonym("numkvheads numkeyvalueheads nkvheads", "kv_heads"),
    Synonym("dimfeedforward dff intermediatesize", "hidden"),
    Synonym("rope", "rotary"),
    Synonym("normfirst", "order", "pre or post"),
    Synonym("bidirectional gobackwards reverse", "direction", "forward, backward or both"),
    Synonym("returnsequences returnsequence returnstate", "output", "sequence or last"),
    Synonym("nonlinearity", "activation"),
    Synonym("recurrentinitializer", "recurrent_init"),
    Synonym("unitforgetbias forgetgatebias", "forget_bias", "1 where it is true"),
    Synonym("resetafter linearbeforereset", "reset", "after or before"),
    Synonym("trainable requiresgrad frozen", "freeze", "to keep a layer as it is: freeze: all"),
    Synonym("elementwiseaffine center", "affine"),
    Synonym("p prob probability dropprob", "rate"),
    Synonym("numembeddings inputdim vocabsize vocabulary", "entries"),
    Synonym("embeddingdim outputdim dim", "size"),
    Synonym("scalefactor", "factor"),
    Synonym("negativeslope alpha", "slope"),
    Synonym("targetshape shape", "to"),
    Synonym("kaiming he kaimingnormal", "he_normal"),
    Synonym("kaiminguniform", "he_uniform"),
    Synonym("glorot xavier glorotuniform", "xavier_uniform"),
    Synonym("glorotnormal", "xavier_normal"),
    Synonym("gaussian randomnormal truncatednormal", "normal"),
    Synonym("zero constant", "zeros"),
    Synonym("std stddev sigma", "deviation"),
  ]

  private static let losses = [
    Synonym(
      "bce bceloss bcewithlogits bcewithlogitsloss binarycrossentropywithlogits logloss",
      "binary_cross_entropy", "it takes outputs before the sigmoid"),
    Synonym(
      "nll nllloss negativeloglikelihood", "cross_entropy",
      "it takes outputs before the softmax: leave a last log_softmax out"),
    Synonym(
      "ce crossentropyloss categoricalcrossentropy sparsecategoricalcrossentropy softmax"
        + " softmaxcrossentropy", "cross_entropy", "it takes outputs before the softmax"),
    Synonym("mseloss l2loss l2 meansquarederror", "mse"),
    Synonym("l1loss l1 meanabsoluteerror", "mae"),
    Synonym("huberloss", "huber"),
    Synonym("smoothl1 smoothl1loss", "huber", "delta is its beta; they are equal at 1"),
    Synonym("beta", "delta"),
    Synonym("posweight", "positive_weight"),
    Synonym("weight weights classweight", "class_weights"),
    Synonym("acc top1 categoricalaccuracy sparsecategoricalaccuracy", "accuracy"),
    Synonym("topk top5accuracy", "top5"),
    Synonym("r2score rsquared", "r2"),
    Synonym("rocauc auroc rocaucscore", "auc"),
    Synonym("averageprecision aucpr auprc prauc", "pr_auc"),
    Synonym("f1score fscore", "f1"),
    Synonym("precisionscore", "precision"),
    Synonym("recallscore sensitivity tpr", "recall"),
    Synonym("ece", "calibration_error"),
    Synonym("medae medianabsoluteerror", "median_error"),
    Synonym("meanabsolutepercentageerror", "mape"),
    Synonym("rootmeansquarederror", "rmse"),
  ]

  private static let optimizers = [
    Synonym("lr learningrate stepsize eta", "learning_rate", in: "optimizer.adam."),
    Synonym("eps epsilon", "epsilon", in: "optimizer.adam."),
    Synonym("betas", "beta1", in: "optimizer.adam.", "its two numbers are beta1 and beta2"),
    Synonym("beta1", "beta1", in: "optimizer.adam."),
    Synonym("beta2", "beta2", in: "optimizer.adam."),
    Synonym("weightdecay wd decay", "weight_decay", in: "optimizer.adam."),
    Synonym("momentum nesterov", "momentum", in: "optimizer.sgd."),
    Synonym("rho decay smoothing", "alpha"),
    Synonym("optim optimiser", "optimizer", in: ""),
  ]

  private static let schedules = [
    Synonym("lrscheduler scheduler lrschedule learningrateschedule", "schedule", in: ""),
    Synonym("steplr steps multisteplr", "step"),
    Synonym("exponentiallr", "exponential"),
    Synonym("cosineannealing cosineannealinglr cosinedecay", "cosine"),
    Synonym("linearlr polynomial polynomiallr", "linear"),
    Synonym("constantlr none", "constant"),
    Synonym("stepsize period", "every"),
    Synonym("gamma", "factor"),
    Synonym("gamma rate", "decay"),
    Synonym("etamin minlr", "to"),
    Synonym("tmax totalsteps", "over"),
    Synonym("warmupsteps warmupepochs", "warmup", "with its unit, as in warmup: 5 epochs"),
  ]

  private static let sections = [
    Synonym("batchsize batch minibatch", "batch", in: "data."),
    Synonym("dataset", "dataset", in: "data."),
    Synonym("path root folder dir datadir datapath", "from", in: "data."),
    Synonym("normalize normalise", "normalise", in: "data."),
    Synonym("droplast", "drop_last", in: "data."),
    Synonym("validationsplit valsplit valfraction validation val", "validation", in: "data."),
    Synonym("testsize testsplit testfraction", "test", in: "data."),
    Synonym("stratify", "split", in: "data.", "split: stratified"),
    Synonym("kfold folds nsplits", "fold", in: "data.", "one of several, as 2/5"),
    Synonym("classweight sampleweight", "weights", in: "data."),
    Synonym("impute imputer fillna", "missing"),
    Synonym("onehot onehotencode categories", "categorical"),
    Synonym("augmentation transform transforms augment", "augment", in: "data."),
    Synonym("hflip randomhorizontalflip horizontalflip", "flip"),
    Synonym("rotation randomrotation", "rotate"),
    Synonym("translate translation crop randomcrop", "shift"),
    Synonym("train", "training"),
    Synonym("delimiter sep", "separator"),
    Synonym("target y output", "label"),
    Synonym("standardize", "standardise"),
    Synonym("epochs numepochs nepochs maxepochs", "epochs", in: "train."),
    Synonym("steps maxsteps numsteps iterations maxiter", "steps", in: "train."),
    Synonym("earlystopping earlystop", "early_stop", in: "train."),
    Synonym("patience", "patience", in: "train.early_stop."),
    Synonym("metrics metric", "metrics", in: "train."),
    Synonym("checkpoint checkpoints checkpointing save", "checkpoint", in: "train."),
    Synonym("monitor metric", "figure"),
    Synonym("savebestonly restorebestweights best", "best", in: "train.checkpoint."),
    Synonym("everynepochs saveevery savefreq", "every", in: "train.checkpoint."),
    Synonym("savetopk savetotallimit", "keep", in: "train.checkpoint."),
    Synonym("pretrained weights initfrom", "init_from", in: "train."),
    Synonym("randomseed manualseed", "seed", in: ""),
    Synonym("criterion lossfunction lossfn", "loss", in: ""),
    Synonym("layers network net", "model", in: ""),
    Synonym("discriminator", "critic"),
    Synonym("experiment runname", "name", in: ""),
    Synonym(
      "clip gradclip clipgradnorm gradclipnorm maxgradnorm gradientclipval clipnorm"
        + " gradientclipping",
      "clip", in: "", "a number bounds the norm of the gradient"),
    Synonym("maxnorm", "norm"),
    Synonym("ncritic criticiters ndis", "critic_steps", in: "adversarial."),
    Synonym("lambda lambdagp gplambda gradientpenalty", "penalty", in: "adversarial."),
    Synonym("latentdim zdim nz noisedim", "noise", in: "adversarial."),
    Synonym("mkldnn dnnl", "onednn"),
    Synonym("blas", "openblas"),
  ]

  /// Keys and layers that are unnecessary or do not exist.
  private static let unsupported = [
    Synonym(
      "accumulate accumulategradbatches gradientaccumulation gradientaccumulationsteps", "",
      "there is no gradient accumulation; memory depends on the size of a shard, "
        + "so a larger batch with more shards has the same effect"),
    Synonym(
      "activation nonlinearity", "", "write the activation as a separate layer after it: - relu"),
    Synonym("shuffle", "", "leave it out: training samples are shuffled in every epoch"),
    Synonym(
      "device cuda gpu gpus accelerator", "", "leave it out: everything is computed on the CPU"),
    Synonym(
      "workers numworkers threads numthreads nthreads", "",
      "use --workers N on the command line: it changes no result"),
    Synonym(
      "precision dtype amp fp16 bf16 mixedprecision", "",
      "leave it out: everything is computed in float32"),
    Synonym("outputdir outdir savedir logdir", "", "use --run DIR on the command line"),
    Synonym("resume resumefrom", "", "use --resume on the command line"),
    Synonym(
      "infeatures inchannels inputshape inputsize inputdim", "",
      "leave it out: the shape of the input is known"),
    Synonym("identity noop passthrough", "", "leave it out: no layer is needed for that"),
    Synonym("logsoftmax", "", "leave it out: the loss cross_entropy includes it"),
    Synonym("batchfirst timemajor", "", "leave it out: samples come first, then steps"),
  ]

  private static let commands = [
    Synonym("fit run learn", "train"),
    Synonym("eval test score validate", "evaluate"),
    Synonym("infer inference classify", "predict"),
    Synonym("generate", "sample"),
    Synonym("info show describe", "inspect"),
    Synonym("convert save", "export"),
    Synonym("benchmark profile", "bench"),
    Synonym("compare", "diff"),
    Synonym("check", "doctor"),
    Synonym("layers keys options schema docs", "reference"),
  ]
}
