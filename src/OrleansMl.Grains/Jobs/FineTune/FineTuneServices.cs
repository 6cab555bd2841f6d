using OrleansMl.Catalog;
using OrleansMl.Serving;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.FineTune;

/// <summary>What jobs of this kind share in a silo.</summary>
internal sealed record FineTuneServices(IControlService Control, IGrainFactory Grains, CatalogCache Catalog, PlanCache Plans, IDatasetStore Datasets, JobOptions Options);
